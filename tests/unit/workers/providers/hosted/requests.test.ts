import { describe, expect, test } from 'vitest';
import { createHostedProvider } from '../../../../../workers/providers/hosted/hosted-provider.js';
import { FakeClock } from '../../../../doubles/clocks/fake-clock.js';
import { startModelServer } from '../../../../doubles/model-server/model-server.js';
import { RecordedLog } from '../../../../doubles/recorders/recorded-log.js';
import { openHosted, read, request, SECRET } from './open-hosted.js';

describe('a request to an endpoint', () => {
  test('says who asks, and carries prompt and parameters', async () => {
    const { server, provider } = await openHosted();
    await read(
      provider,
      request({
        temperature: 0.3,
        topP: 0.8,
        topK: 12,
        minP: 0.1,
        repeatPenalty: 1.2,
        maxTokens: 77,
        seed: 5,
        stop: ['END'],
      }),
    );

    expect(server.requests[0]?.headers.authorization).toBe(`Bearer ${SECRET}`);
    expect(server.requests[0]?.body).toEqual({
      model: 'fox',
      messages: [{ role: 'user', content: 'Hi' }],
      stream: true,
      stream_options: { include_usage: true },
      temperature: 0.3,
      top_p: 0.8,
      top_k: 12,
      min_p: 0.1,
      repetition_penalty: 1.2,
      repeat_penalty: 1.2,
      max_tokens: 77,
      seed: 5,
      stop: ['END'],
    });
  });

  test('leaves out what is turned off', async () => {
    const { server, provider } = await openHosted();
    await read(provider, request({ topP: 1, topK: 0, minP: 0, repeatPenalty: 1 }));

    expect(Object.keys(server.requests[0]?.body ?? {}).sort()).toEqual([
      'max_tokens',
      'messages',
      'model',
      'stream',
      'stream_options',
      'temperature',
    ]);
  });

  test('leaves out what the endpoint does not know, and remembers it', async () => {
    const unknownParameters = ['top_k', 'min_p', 'repetition_penalty', 'repeat_penalty'];
    const { server, provider, log } = await openHosted({}, { unknownParameters });

    expect((await read(provider)).finish?.reason).toBe('stop');
    expect(server.requests).toHaveLength(unknownParameters.length + 1);
    expect((await read(provider)).finish?.reason).toBe('stop');
    expect(server.requests).toHaveLength(unknownParameters.length + 2);
    expect(server.requests.at(-1)?.body).toMatchObject({ temperature: 0.7, max_tokens: 1024 });
    expect(log.lines[0]).toMatchObject({ level: 'info', fields: { parameters: ['top_k'] } });
  });

  test('carries the longest reply under its other name where the endpoint wants that', async () => {
    const { server, provider } = await openHosted({}, { unknownParameters: ['max_tokens'] });
    const { finish } = await read(provider, request({ maxTokens: 3 }));

    expect(finish?.reason).toBe('length');
    expect(server.requests.at(-1)?.body).toMatchObject({ max_completion_tokens: 3 });
    expect(server.requests.at(-1)?.body).not.toHaveProperty('max_tokens');
  });

  test('to Hugging Face names the provider chosen for the model', async () => {
    const server = await startModelServer();
    const provider = createHostedProvider({
      endpoint: {
        kind: 'huggingface',
        baseUrl: server.url.replace('/v1', ''),
        token: 'hf_x',
        provider: 'groq',
      },
      clock: new FakeClock(),
      log: new RecordedLog(),
    });
    await read(provider, { ...request(), model: 'org/fox' });
    await read(provider, { ...request(), model: 'org/fox:novita' });
    await provider.stop();
    await server.close();

    expect(server.requests.map(({ body }) => body.model)).toEqual(['org/fox:groq', 'org/fox:novita']);
    expect(server.requests[0]?.headers.authorization).toBe('Bearer hf_x');
  });

  test('without a key carries none', async () => {
    const server = await startModelServer();
    const provider = createHostedProvider({
      endpoint: { kind: 'openai-compatible', baseUrl: server.url },
      clock: new FakeClock(),
      log: new RecordedLog(),
    });
    await read(provider);
    await provider.stop();
    await server.close();

    expect(server.requests[0]?.headers.authorization).toBeUndefined();
  });
});
