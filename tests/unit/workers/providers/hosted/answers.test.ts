import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Answer, answer, splitTokens } from '../../../../doubles/model-server/reply.js';
import { openHosted, read, request } from './open-hosted.js';

describe('an answer from an endpoint', () => {
  test('arrives whole however its bytes are cut: in a character, in a line', async () => {
    const { server, provider } = await openHosted();
    const text = 'Größe: 5 € — 你好,世界 👩‍🚀!\n\n| a | b |';
    for (const writeBytes of [1, 2, 3, 5, 64]) {
      for (const crlf of [false, true]) {
        server.next(answer(text, { writeBytes, crlf, comments: crlf }));
        const { text: shown, finish } = await read(provider);

        expect(shown).toBe(text);
        expect(finish).toMatchObject({ reason: 'stop' });
      }
    }
  });

  test('arrives as it was said, any text in any pieces', async () => {
    const { server, provider } = await openHosted();
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 40 }),
        async (text, writeBytes) => {
          server.next({ tokens: splitTokens(text), writeBytes });
          expect((await read(provider)).text).toBe(text);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('carries the usage that the endpoint counted', async () => {
    const { server, provider } = await openHosted();
    server.next(answer('One two three.', { cachedTokens: 2 }));

    expect((await read(provider)).finish?.usage).toEqual({ prompt: 5, cached: 2, reply: 3 });
    expect(server.requests[0]?.body.stream_options).toEqual({ include_usage: true });
  });

  test('has an estimate from above where the endpoint counted nothing', async () => {
    const { server, provider } = await openHosted();
    server.next(answer('One two three.', { usage: false }));
    const { finish } = await read(provider);

    expect(finish?.usage.prompt).toBe(await provider.countTokens('fox', request().prompt));
    expect(finish?.usage.reply).toBeGreaterThanOrEqual(3);
    expect(finish?.usage.cached).toBe(0);
  });

  test('is timed from its first token on', async () => {
    const { server, provider, clock } = await openHosted();
    server.next(answer('a b c d e f g h i j k'));
    const parts = [];
    for await (const part of provider.stream(request(), new AbortController().signal)) {
      parts.push(part);
      if (part.type === 'delta') await clock.advance(100);
    }

    expect(parts.at(-1)).toMatchObject({ timeToFirstTokenMs: 0 });
    expect(parts.at(-1)).toHaveProperty('tokensPerSecond', 10 / 1.1);
  });

  test.each<[string | null, string]>([
    ['stop', 'stop'],
    ['eos_token', 'stop'],
    ['tool_calls', 'stop'],
    ['something new', 'stop'],
    ['length', 'length'],
    ['model_length', 'length'],
    ['content_filter', 'content-filter'],
  ])('that ends for the reason %s finishes with %s', async (finishReason, reason) => {
    const { server, provider } = await openHosted();
    server.next(answer('One two.', { finishReason }));

    expect((await read(provider)).finish).toMatchObject({ reason });
  });

  test.each<Answer['reasoning']>([
    { field: 'reasoning_content', tokens: ['I', ' wonder'] },
    { field: 'reasoning', tokens: ['I', ' wonder'] },
  ])('has no hidden reasoning in it: %j', async (reasoning) => {
    const { server, provider } = await openHosted();
    server.next(answer('It is blue.', { ...(reasoning && { reasoning }) }));

    expect((await read(provider)).text).toBe('It is blue.');
  });

  test('in pieces of several kinds gives only the text', async () => {
    const { server, provider } = await openHosted();
    const content = [
      { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
      { type: 'text', text: 'Hello' },
    ];
    const events = [
      { choices: [{ index: 0, delta: { content } }] },
      { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
    ];
    const text = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
    server.next({ tokens: [], break: { afterTokens: 0, how: { kind: 'bytes', text } } });

    expect((await read(provider)).text).toBe('Hello');
  });

  test('in one piece, from a server that does not stream, is taken too', async () => {
    const { server, provider } = await openHosted();
    const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
    const choices = [
      { index: 0, message: { role: 'assistant', content: 'Not streamed' }, finish_reason: 'length' },
    ];
    server.next({
      fault: 'answer',
      status: 200,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({ id: '1', choices, usage }),
    });
    const { text, finish } = await read(provider);

    expect(text).toBe('Not streamed');
    expect(finish).toMatchObject({ reason: 'length', usage: { prompt: 3, cached: 0, reply: 2 } });
  });

  test.each([
    ['no [DONE]', { done: false }],
    ['[DONE] and no reason', { finishReason: null }],
  ])('with %s at its end is whole', async (_name, over) => {
    const { server, provider } = await openHosted();
    server.next(answer('All of it.', over));
    const { text, finish } = await read(provider);

    expect([text, finish?.reason]).toEqual(['All of it.', 'stop']);
  });

  test('with more stop texts than endpoints take ends at any of them', async () => {
    const { server, provider } = await openHosted();
    const stop = ['#1', '#2', '#3', '#4', '#5 STOP'];
    server.next(answer('Hello there #5 STOP and more', { writeBytes: 3 }));
    const { text, finish } = await read(provider, request({ stop }));

    expect([text, finish?.reason]).toEqual(['Hello there ', 'stop']);
    expect(server.requests[0]?.body.stop).toEqual(stop.slice(0, 4));
  });

  test('ends at the stop text that begins first, though a later one was complete before it', async () => {
    const { server, provider } = await openHosted();
    server.next(answer('Hello [END] and more', { writeBytes: 1 }));
    const { text, finish } = await read(provider, request({ stop: ['END', '[END]'] }));

    expect([text, finish?.reason]).toEqual(['Hello ', 'stop']);
  });

  test('that runs out in a longer stop text ends at the shorter one inside', async () => {
    const { server, provider } = await openHosted();
    server.next(answer('Hello [END', { finishReason: 'length' }));
    const { text, finish } = await read(provider, request({ stop: ['END', '[END]'] }));

    expect([text, finish?.reason]).toEqual(['Hello [', 'stop']);
  });

  test('that ends in the beginning of a stop text is whole', async () => {
    const { server, provider } = await openHosted();
    server.next('This is the EN');

    expect((await read(provider, request({ stop: ['END'] }))).text).toBe('This is the EN');
  });

  test('longer than allowed ends there, and the request with it', async () => {
    const { server, provider } = await openHosted({ replyLength: 10 });
    server.next({
      tokens: ['1234', '5678', '90ab', 'cdef'],
      break: { afterTokens: 4, how: { kind: 'hang' } },
    });
    const { text, finish } = await read(provider);

    expect([text, finish?.reason]).toEqual(['1234567890', 'length']);
    expect(await server.requests[0]?.closed).toBe(false);
  });

  test('leaves its connection to the next one', async () => {
    const { server, provider } = await openHosted();
    // Paced, so that the end comes on its own.
    server.setScript(() => answer('Hello.', { paceMs: 2 }));
    for (let round = 0; round < 10; round++) await read(provider);

    // The HTTP client may open a second one before it knows that the first is free again.
    expect(server.connections()).toBeLessThanOrEqual(2);
  });
});
