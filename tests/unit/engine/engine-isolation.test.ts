import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { compiledEntry } from '../../../src/compiled-entry.js';
import { ENVIRONMENT } from '../../../src/config/environment.js';
import { writeScriptedModel } from '../../doubles/gguf/models.js';

/** The environment (`NAME=value`) and working directory of an engine whose parent has `environment` beside its own. */
async function engineOf(environment: Record<string, string>) {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-isolation-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const model = path.join(folder, 'scripted.gguf');
  writeScriptedModel(model, { reply: 'Hello.' });
  const url = (module: string) => JSON.stringify(pathToFileURL(compiledEntry(module)).href);
  const program = path.join(folder, 'parent.mjs');
  await writeFile(
    program,
    `import { LlamaCppProvider } from ${url('workers/providers/llama-cpp/llama-cpp-provider')};
     import { systemClock } from ${url('src/system-clock')};
     const provider = new LlamaCppProvider({
       findModel: async () => ({ path: ${JSON.stringify(model)}, gpu: 'off', threads: 1 }),
       engineEntry: ${JSON.stringify(compiledEntry('workers/engine/main'))},
       clock: systemClock,
       log: { debug() {}, info() {}, warn() {}, error() {} },
     });
     const { pid } = await provider.load('scripted');
     process.stdout.write(String(pid));`,
  );
  const env = { ...process.env, ...environment };
  const parent = spawn(process.execPath, [program], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void parent.kill('SIGKILL'));
  const [pid] = await once(parent.stdout, 'data');
  const variables = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0').filter(Boolean);
  return { variables, cwd: await readlink(`/proc/${pid}/cwd`) };
}

test.runIf(process.platform === 'linux')(
  'the process that reads a model file has none of Parley’s variables, and stands in no folder of anybody’s',
  async () => {
    const names = [
      ...Object.keys(ENVIRONMENT.shape),
      'KEY_OF_AN_ENTRY',
      'AWS_SECRET_ACCESS_KEY',
      'NVIDIA_API_KEY',
    ];
    const marked = Object.fromEntries(names.map((name) => [name, `MARKED-${name}`]));
    const { variables, cwd } = await engineOf({ ...marked, CUDA_VISIBLE_DEVICES: '' });
    expect(names).toEqual(expect.arrayContaining(['DISCORD_TOKEN', 'DATABASE_URL', 'PARLEY_ENCRYPTION_KEY']));
    expect(variables.filter((variable) => variable.includes('MARKED'))).toEqual([]);
    const kept = variables
      .map((variable) => variable.split('=')[0] ?? '')
      .filter((name) => names.includes(name));
    expect(kept).toEqual([]);
    // What it was given shows: the search looked at an environment.
    expect(variables).toContain('CUDA_VISIBLE_DEVICES=');
    expect(cwd).toBe('/');
  },
);
