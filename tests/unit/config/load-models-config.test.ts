import { expect, test } from 'vitest';
import { withConfigFolder } from './config-folder.js';

const { load, within, yaml } = withConfigFolder();

test('makes an entry of a .gguf path, named after the file', async () => {
  const config = await load({ PARLEY_MODEL: 'weights/My Model.Q4.gguf' });
  expect(config.defaultModel).toBe('my-model.q4');
  expect(config.models.get('my-model.q4')).toMatchObject({
    runs: 'local',
    sources: [{ type: 'file', path: within('weights/My Model.Q4.gguf') }],
  });
  expect((await load({ PARLEY_MODEL: './small.gguf' })).defaultModel).toBe('small-file');
});

test('reads the limits of an endpoint and how its answers begin', async () => {
  await yaml(`
models:
  far:
    endpoint: openai
    name: x
    beginsInReasoning: true
    limits: { connectSeconds: 1, firstTokenSeconds: 2.5, betweenTokensSeconds: 3, answerSeconds: 4, retries: 0, breakerFailures: 5, breakerRestSeconds: 6 }
  near: { endpoint: openai, name: y, baseUrl: "http://127.0.0.1:1/v1", limits: { retries: 3 } }
`);
  const { models } = await load();
  expect(models.get('far')).toMatchObject({
    beginsInReasoning: true,
    limits: {
      connectMs: 1000,
      firstTokenMs: 2500,
      betweenTokensMs: 3000,
      totalMs: 4000,
      retries: 0,
      breakerFailures: 5,
      breakerRestMs: 6000,
    },
  });
  expect(models.get('near')).toMatchObject({ beginsInReasoning: null, limits: { retries: 3 } });
});

test('reads models with their sources, fallbacks and parameters', async () => {
  await yaml(`
model: coder
engine: { gpu: off, slots: 2 }
models:
  coder:
    sources:
      - path: ./coder.gguf
      - huggingface: owner/repo
        file: coder.gguf
    threads: 3
    fallback: [house, small]
    sampling: { temperature: 0.1, stop: ["END"] }
  house:
    endpoint: openai
    baseUrl: http://127.0.0.1:8000/v1/
    name: qwen
    apiKeyVariable: HOUSE_KEY
  small: { contextSize: 2048 }
`);
  const config = await load({ HOUSE_KEY: 'k', OPENAI_API_KEY: 'public' });
  expect(config.defaultModel).toBe('coder');
  expect(config.models.get('coder')).toMatchObject({
    sources: [
      { type: 'file', path: within('coder.gguf') },
      { type: 'hugging-face', repository: 'owner/repo', file: 'coder.gguf', revision: 'main' },
    ],
    gpu: 'off',
    threads: 3,
    slots: 2,
    fallback: ['house', 'small'],
    sampling: { temperature: 0.1, stop: ['END'] },
  });
  expect(config.models.get('house')).toMatchObject({ baseUrl: 'http://127.0.0.1:8000/v1', apiKey: 'k' });
  expect(config.models.get('small')).toMatchObject({ sources: [], contextSize: 2048 });
});

test("sends the public API's key to no other server that an entry names", async () => {
  await yaml(
    'models:\n  a: { endpoint: openai, name: x, baseUrl: "http://10.0.0.9/v1" }\n  b: { endpoint: openai, name: x }\n',
  );
  const { models } = await load({ OPENAI_API_KEY: 'public' });
  expect(models.get('a')).toMatchObject({ apiKey: null });
  expect(models.get('b')).toMatchObject({ apiKey: 'public', baseUrl: null });
});
