import { once } from 'node:events';
import { expect, test } from 'vitest';
import { eventually } from '../../../../doubles/eventually.js';
import { startEngineParent } from './engine-parent.js';

const GENERATE = `const { pid } = await provider.load('scripted');
const sampling = { temperature: 0, topK: 0, topP: 1, minP: 0, repeatPenalty: 1, maxTokens: 4000, stop: [] };
const request = { model: 'scripted', prompt: [{ role: 'user', content: 'Go' }], cacheKey: 'a', sampling };
let told = false;
for await (const part of provider.stream(request, new AbortController().signal)) {
  if (!told) process.stdout.write(String(pid));
  told = true;
}`;

test('an engine does not outlive a parent that was killed', async () => {
  const parent = await startEngineParent({ reply: 'on', ending: 'repeat' }, GENERATE);
  const [pid] = await once(parent.stdout, 'data');
  parent.kill('SIGKILL');

  await eventually(() => expect(() => process.kill(Number(pid), 0)).toThrow());
});
