import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';
import { compiledEntry, PACKAGE_ROOT } from '../../../../../src/process/compiled-entry.js';
import { writeScriptedModel } from '../../../../doubles/gguf/models.js';

/**
 * A process that has an engine of its own, until the test has ended.
 *
 * @param model - what the model `scripted` says
 * @param script - what the process does with its `provider`, a LlamaCppProvider, as JavaScript
 * @param environment - beside the test's own
 */
export async function startEngineParent(
  model: Parameters<typeof writeScriptedModel>[1],
  script: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<ChildProcessByStdio<null, Readable, null>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-engine-parent-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'scripted.gguf');
  writeScriptedModel(file, model);
  const url = (module: string) =>
    JSON.stringify(pathToFileURL(path.join(PACKAGE_ROOT, 'build', `${module}.js`)).href);
  const program = path.join(folder, 'parent.mjs');
  await writeFile(
    program,
    `import { LlamaCppProvider } from ${url('workers/providers/llama-cpp/llama-cpp-provider')};
     import { systemClock } from ${url('src/process/system-clock')};
     const provider = new LlamaCppProvider({
       findModel: async () => ({ path: ${JSON.stringify(file)}, gpu: 'off', threads: 1 }),
       engineEntry: ${JSON.stringify(compiledEntry('workers/engine/main'))},
       clock: systemClock,
       log: { debug() {}, info() {}, warn() {}, error() {} },
     });
     ${script}`,
  );
  const parent = spawn(process.execPath, [program], {
    cwd: folder,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void parent.kill('SIGKILL'));
  return parent;
}
