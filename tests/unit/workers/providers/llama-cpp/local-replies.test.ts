import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLocalModel, SCRIPTED_REPLY } from '../../../../doubles/gguf/local-provider.js';
import { writeRandomModel, writeScriptedModel } from '../../../../doubles/gguf/models.js';
import { openStream, readReply } from '../../../../doubles/gguf/read-reply.js';

const CHINESE = '你好，世界！今天天气很好 🎉 再见👩‍🚀。';
const NUMBERED = Array.from({ length: 400 }, (_, i) => `word${i}`).join(' ');

let opened: Awaited<ReturnType<typeof openLocalModel>>;
beforeAll(async () => {
  opened = await openLocalModel({
    contextSize: 1024,
    slots: 2,
    files: {
      chinese: (file) => writeScriptedModel(file, { reply: CHINESE, bytesPerToken: 5 }),
      looping: (file) => writeScriptedModel(file, { reply: 'and on', ending: 'repeat' }),
      empty: (file) => writeScriptedModel(file, { reply: '' }),
      long: (file) => writeScriptedModel(file, { reply: NUMBERED }),
      random: (file) => writeRandomModel(file, { shape: 'tiny' }),
    },
  });
});
afterAll(async () => {
  await opened.provider.stop();
  await rm(opened.folder, { recursive: true, force: true });
});

test('a model says its script at everyday sampling too', async () => {
  const sampling = { temperature: 0.7, repeatPenalty: 1.1 };

  expect((await readReply(opened.provider, 'scripted', { sampling })).text).toBe(SCRIPTED_REPLY);
});

test('a reply of hundreds of tokens arrives whole and in order', async () => {
  const { text, finish } = await readReply(opened.provider, 'long');

  expect(text).toBe(NUMBERED);
  expect(finish.usage.reply).toBe(400);
  expect(finish.tokensPerSecond).toBeGreaterThan(0);
});

test('tokens that cut through characters are shown only whole', async () => {
  const { text, deltas } = await readReply(opened.provider, 'chinese');

  expect(text).toBe(CHINESE);
  expect(deltas.length).toBeGreaterThan(3);
  expect(deltas.filter((delta) => !delta.isWellFormed() || delta.includes('\ufffd'))).toEqual([]);
});

test('a reply cut at its longest shows no half character', async () => {
  for (const maxTokens of [1, 2, 3, 4, 5]) {
    const { text, finish } = await readReply(opened.provider, 'chinese', { sampling: { maxTokens } });

    expect(CHINESE.startsWith(text)).toBe(true);
    expect(finish).toMatchObject({ reason: 'length', usage: { reply: maxTokens } });
  }
});

test('a stop text spread over several tokens never shows', async () => {
  const stop = 'scripted model sp';
  const { text, finish } = await readReply(opened.provider, 'scripted', {
    sampling: { stop: ['nowhere', stop] },
  });

  expect(text).toBe('Hello there, this is the ');
  expect(finish.reason).toBe('stop');
});

test('text that only began like a stop text shows after all', async () => {
  const sampling = { stop: ['today. And', 'is well tomorrow'] };

  expect((await readReply(opened.provider, 'scripted', { sampling })).text).toBe(SCRIPTED_REPLY);
});

test('a model that repeats itself ends at the longest reply', async () => {
  const { text, finish } = await readReply(opened.provider, 'looping', { sampling: { maxTokens: 6 } });

  expect(text).toBe('and on on on on on');
  expect(finish.reason).toBe('length');
});

test('a model that says nothing yields a finish alone', async () => {
  const { deltas, finish } = await readReply(opened.provider, 'empty');

  expect(deltas).toEqual([]);
  expect(finish).toMatchObject({ reason: 'stop', usage: { reply: 0 }, timeToFirstTokenMs: null });
});

test('a reply ends where the window is full', async () => {
  const { finish } = await readReply(opened.provider, 'looping', { sampling: { maxTokens: 5000 } });

  expect(finish.reason).toBe('length');
  expect(finish.usage.prompt + finish.usage.reply).toBe(1024);
});

test('the same seed gives the same text, another seed another', async () => {
  const say = async (seed: number) =>
    (
      await readReply(opened.provider, 'random', {
        sampling: { temperature: 1.5, topK: 0, topP: 1, minP: 0, seed, maxTokens: 24 },
      })
    ).text;

  const text = await say(7);
  expect(await say(7)).toBe(text);
  expect(await say(8)).not.toBe(text);
});

test('a repetition penalty changes what a model repeats', async () => {
  const plain = await readReply(opened.provider, 'random', { sampling: { maxTokens: 40 } });
  const penalized = await readReply(opened.provider, 'random', {
    sampling: { maxTokens: 40, repeatPenalty: 2 },
  });

  expect(penalized.text).not.toBe(plain.text);
});

test('a person cannot type a control token', async () => {
  const tokens = (content: string) => opened.provider.countTokens('scripted', [{ role: 'user', content }]);

  const added = (await tokens('a<|im_end|>')) - (await tokens('a'));
  expect(added).toBeGreaterThan(4);
});

test('a prompt is what the template makes of it, and no more', async () => {
  const count = (prompt: Parameters<typeof opened.provider.countTokens>[1]) =>
    opened.provider.countTokens('scripted', prompt);
  const user = await count([{ role: 'user', content: '' }]);

  // Nothing slips in where no system message was given: <|im_start|> user \n <|im_end|> \n <|im_start|> assistant \n
  expect(user).toBe(8);
  expect((await readReply(opened.provider, 'scripted', { said: '' })).finish.usage.prompt).toBe(user);
});

test('those who wait are told their place as it changes', async () => {
  const stopper = new AbortController();
  const busy = ['a', 'b'].map((cacheKey) =>
    openStream(opened.provider, 'looping', {
      cacheKey,
      sampling: { maxTokens: 900 },
      signal: stopper.signal,
    }),
  );
  const iterators = busy.map((stream) => stream[Symbol.asyncIterator]());
  for (const iterator of iterators) await iterator.next();
  const waiting = ['c', 'd', 'e'].map((cacheKey) =>
    readReply(opened.provider, 'looping', { cacheKey, sampling: { maxTokens: 5 } }),
  );
  const [c, d, e] = await Promise.all([
    ...waiting,
    opened.provider.stats('looping').then(() => stopper.abort()),
  ]);

  expect(c?.places[0]).toBe(1);
  expect(d?.places[0]).toBe(2);
  expect(e?.places).toEqual(expect.arrayContaining([3, 1]));
  for (const iterator of iterators) await iterator.next().catch(() => undefined);
});
