import { readdir, rm, stat, truncate } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Prompt } from '../../../../src/domain/prompt.js';
import type { LlamaCppProvider } from '../../../../workers/providers/llama-cpp/llama-cpp-provider.js';
import { openLocalModel, SCRIPTED_REPLY } from '../../../doubles/gguf/local-provider.js';
import { writeRandomModel } from '../../../doubles/gguf/models.js';
import { openStream, readReply } from '../../../doubles/gguf/read-reply.js';

/** Tokens that a second turn may evaluate beyond the new ones. */
const SLACK = 16;
const LONG_STORY = 'once there was a bear who lived in a house of its own and baked bread '.repeat(8);

let close = async () => {};
afterEach(() => close());

async function openOne(model: { slots: number; contextSize: number; states?: boolean }) {
  const { states, ...size } = model;
  const opened = await openLocalModel({
    ...size,
    files: { random: (file) => writeRandomModel(file, { shape: 'tiny' }) },
    stateCache: states === true,
  });
  close = async () => {
    await opened.provider.stop();
    await rm(opened.folder, { recursive: true, force: true });
  };
  return { ...opened, states: path.join(opened.folder, 'states') };
}

/** Two turns of a conversation; returns what the second evaluated beyond what was new in it. */
async function secondTurn(
  provider: LlamaCppProvider,
  model: string,
  cacheKey: string,
  between: () => Promise<unknown> = async () => {},
) {
  const prompt: Prompt = [
    { role: 'system', content: `You are a bear. ${LONG_STORY}` },
    { role: 'user', content: `I am ${cacheKey}.` },
  ];
  const sampling = { maxTokens: 20 };
  const first = await readReply(provider, model, { prompt, cacheKey, sampling });
  await between();
  const again: Prompt = [
    ...prompt,
    { role: 'assistant', content: first.text },
    { role: 'user', content: 'And then?' },
  ];
  const { usage } = (await readReply(provider, model, { prompt: again, cacheKey, sampling })).finish;
  const added = usage.prompt - first.finish.usage.prompt - first.finish.usage.reply;
  return { evaluated: usage.prompt - usage.cached, added };
}

test('a second turn evaluates what is new, however the model spelled its first reply', async () => {
  const { provider } = await openOne({ contextSize: 1024, slots: 2 });

  for (const model of ['scripted', 'random']) {
    const { evaluated, added } = await secondTurn(provider, model, 'bear');
    expect(evaluated).toBeLessThanOrEqual(added + SLACK);
    expect(evaluated).toBeGreaterThan(0);
  }
});

test('another conversation on the only slot answers right, and both come back from disk', async () => {
  const { provider } = await openOne({ contextSize: 1024, slots: 1, states: true });
  const other = () => readReply(provider, 'scripted', { cacheKey: 'other', said: LONG_STORY });

  const { evaluated, added } = await secondTurn(provider, 'scripted', 'bear', other);

  expect(evaluated).toBeLessThanOrEqual(added + SLACK);
  expect((await other()).text).toBe(SCRIPTED_REPLY);
  expect(await provider.stats('scripted')).toMatchObject({ statesRestored: 2, statesSaved: 3 });
});

test('without a state on disk the conversation is evaluated again', async () => {
  const { provider } = await openOne({ contextSize: 1024, slots: 1 });
  const other = () => readReply(provider, 'scripted', { cacheKey: 'other', said: LONG_STORY });

  const { evaluated, added } = await secondTurn(provider, 'scripted', 'bear', other);

  expect(evaluated).toBeGreaterThan(added + SLACK);
});

test('a state cut short on disk is evaluated again', async () => {
  const { provider, states } = await openOne({ contextSize: 1024, slots: 1, states: true });
  const { evaluated, added } = await secondTurn(provider, 'scripted', 'bear', async () => {
    await readReply(provider, 'scripted', { cacheKey: 'other', said: LONG_STORY });
    const [file = ''] = await stateFiles(states);
    await truncate(file, 1000);
  });

  expect(evaluated).toBeGreaterThan(added + SLACK);
  expect((await provider.stats('scripted'))?.statesRestored).toBe(0);
});

test('states lie in a folder of their owner alone, and a forgotten conversation leaves it', async () => {
  const { provider, states } = await openOne({ contextSize: 1024, slots: 1, states: true });
  await readReply(provider, 'scripted', { cacheKey: 'bear', said: LONG_STORY });
  await readReply(provider, 'scripted', { cacheKey: 'other', said: LONG_STORY });
  const [file = ''] = await stateFiles(states);

  if (process.platform !== 'win32') expect((await stat(path.dirname(file))).mode & 0o777).toBe(0o700);
  await provider.forget('bear');
  expect(await stateFiles(states)).toEqual([]);
});

test('nothing evaluated of a forgotten conversation is used again', async () => {
  const { provider } = await openOne({ contextSize: 1024, slots: 1 });
  const ask = () => readReply(provider, 'scripted', { cacheKey: 'bear', said: LONG_STORY });
  await ask();
  expect((await ask()).finish.usage.cached).toBeGreaterThan(100);
  await provider.forget('bear');
  expect((await ask()).finish.usage.cached).toBe(0);
});

test('what is forgotten while its reply is written, or waits for a slot, is dropped when that has ended', async () => {
  const { provider, states } = await openOne({ contextSize: 1024, slots: 1, states: true });
  const ask = (cacheKey: string) => readReply(provider, 'scripted', { cacheKey, said: LONG_STORY });
  const parts = openStream(provider, 'scripted', { cacheKey: 'bear', said: LONG_STORY })[
    Symbol.asyncIterator
  ]();
  await parts.next();
  const waiting = ask('wolf');
  while ((await provider.stats('scripted'))?.waiting !== 1);
  await Promise.all([provider.forget('bear'), provider.forget('wolf')]);
  while ((await parts.next()).done !== true);
  await waiting;
  await ask('other');
  expect(await stateFiles(states)).toEqual([]);
});

test('a forgetting that meets the saving of its conversation leaves no file', async () => {
  const { provider, states } = await openOne({ contextSize: 1024, slots: 1, states: true });
  for (let i = 0; i < 5; i++) {
    await readReply(provider, 'scripted', { cacheKey: 'bear', said: LONG_STORY });
    const pushedOut = readReply(provider, 'scripted', { cacheKey: 'other', said: 'Hi' });
    await provider.forget('bear');
    await pushedOut;
    expect(await stateFiles(states)).toEqual([]);
  }
});

test('an abort during a long prompt lets the running slice end, and no other begins', async () => {
  const { provider } = await openOne({ contextSize: 8192, slots: 1 });
  await provider.load('random');
  const stopper = new AbortController();
  const stream = openStream(provider, 'random', { said: LONG_STORY.repeat(20), signal: stopper.signal });
  const first = stream[Symbol.asyncIterator]()
    .next()
    .catch(() => undefined);
  while (((await provider.stats('random'))?.batches ?? 0) < 3);
  // The engine gets the abort right after it was asked for its numbers.
  const asked = provider.stats('random');
  stopper.abort();
  const before = await asked;
  await first;
  let after = await provider.stats('random');
  while (after?.busySlots !== 0) after = await provider.stats('random');
  expect(before?.busySlots).toBe(1);
  expect(after.batches - (before?.batches ?? 0)).toBeLessThanOrEqual(1);
});

test('an abort ends a prompt between two slices, and the slot is free again', async () => {
  const { provider } = await openOne({ contextSize: 8192, slots: 1 });
  const stopper = new AbortController();
  const said = LONG_STORY.repeat(20);
  const tokens = await provider.countTokens('random', [{ role: 'user', content: said }]);
  const stream = openStream(provider, 'random', { said, signal: stopper.signal });
  const first = stream[Symbol.asyncIterator]().next();
  const reason = new Error('the person pressed stop');
  while (((await provider.stats('random'))?.promptTokensEvaluated ?? 0) === 0);
  stopper.abort(reason);

  await expect(first).rejects.toBe(reason);
  const next = await readReply(provider, 'random', { said: 'Hi', sampling: { maxTokens: 1 } });
  expect(next.finish.usage.reply).toBe(1);
  expect((await provider.stats('random'))?.promptTokensEvaluated).toBeLessThan(tokens / 2);
});

async function stateFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => name.endsWith('.state')).map((name) => path.join(folder, name));
}
