import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test, vi } from 'vitest';
import { compiledEntry } from '../../../src/compiled-entry.js';
import { writeScriptedModel } from '../../doubles/gguf/models.js';

test('an engine does not outlive a parent that was killed', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-orphan-'));
  const model = path.join(folder, 'looping.gguf');
  writeScriptedModel(model, { reply: 'on', ending: 'repeat' });
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
     const { pid } = await provider.load('looping');
     const sampling = { temperature: 0, topK: 0, topP: 1, minP: 0, repeatPenalty: 1, maxTokens: 4000, stop: [] };
     const request = { model: 'looping', prompt: [{ role: 'user', content: 'Go' }], cacheKey: 'a', sampling };
     let told = false;
     for await (const part of provider.stream(request, new AbortController().signal)) {
       if (!told) process.stdout.write(String(pid));
       told = true;
     }`,
  );
  const parent = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [pid] = await once(parent.stdout, 'data');
  parent.kill('SIGKILL');

  await vi.waitFor(() => expect(() => process.kill(Number(pid), 0)).toThrow(), { timeout: 5_000 });
  await rm(folder, { recursive: true, force: true });
});
