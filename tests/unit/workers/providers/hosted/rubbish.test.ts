import { describe, expect, test } from 'vitest';
import { answer, type Break, type Reply, webPage } from '../../../../doubles/model-server/reply.js';
import { openHosted, read } from './open-hosted.js';

const broken = (how: Break, afterTokens = 2) =>
  answer('One two three four.', { break: { afterTokens, how } });
const json = (status: number, body: unknown): Reply => ({
  fault: 'answer',
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

describe('an endpoint that answers rubbish', () => {
  const event = (data: unknown) => ({ kind: 'bytes', text: `data: ${JSON.stringify(data)}\n\n` }) as const;

  test.each<[string, Reply, string]>([
    ['a web page', webPage(), 'answered with something that is no event stream: is its address right?'],
    [
      'no content type',
      { fault: 'answer', status: 200, body: 'hello' },
      'answered with something that is no event stream',
    ],
    [
      'broken JSON in place of a stream',
      { fault: 'answer', status: 200, headers: { 'content-type': 'application/json' }, body: '{"choi' },
      'answered with broken JSON',
    ],
    [
      'other JSON in place of a stream',
      json(200, { hello: 1 }),
      'answered with JSON that is no chat completion',
    ],
    [
      'broken JSON in the stream',
      broken({ kind: 'bytes', text: 'data: {"choices": [{"del\n\n' }),
      'sent broken JSON',
    ],
    ['a choice of another form', broken(event({ choices: [{ delta: 5 }] })), 'no part of a chat completion'],
    [
      'a content that is a number',
      broken(event({ choices: [{ delta: { content: 5 } }] })),
      'no part of a chat completion',
    ],
    ['a list in place of an event', broken(event([1, 2])), 'no part of a chat completion'],
    ['null in place of an event', broken(event(null)), 'no part of a chat completion'],
    [
      'bytes that are no events',
      broken({ kind: 'bytes', text: '\u0000\ufffd\u0007garbage' }),
      'cut off its reply',
    ],
    ['an end without a reason', broken({ kind: 'end' }), 'cut off its reply'],
    ['a connection that is reset', broken({ kind: 'reset' }), 'the connection to'],
    ['a reply given up', answer('One two three.', { finishReason: 'abort' }), 'gave up its reply'],
    [
      'an endless line',
      broken({ kind: 'huge-line', bytes: 100 * 1024 * 1024 }),
      'sent an event of more than 65536 bytes',
    ],
  ])('%s fails as unavailable, and the connection is not kept', async (_name, reply, message) => {
    const { server, provider } = await openHosted({ eventBytes: 65_536 });
    server.next(reply);
    const { error, finish } = await read(provider);

    expect(error).toMatchObject({ name: 'ExpectedFailure', kind: 'provider-unavailable', retryable: true });
    expect(error).toHaveProperty('message', expect.stringContaining(message));
    expect(finish).toBeUndefined();
  });

  test('in the middle has still shown what came before', async () => {
    const { server, provider } = await openHosted();
    server.next(broken({ kind: 'end' }));

    expect((await read(provider)).text).toBe('One two');
  });

  test('an event of many short lines is bounded as well', async () => {
    const { server, provider } = await openHosted({ eventBytes: 1000 });
    server.next(broken({ kind: 'bytes', text: 'data: "x"\n'.repeat(200) }));

    expect((await read(provider)).error).toHaveProperty(
      'message',
      expect.stringContaining('more than 1000 bytes'),
    );
  });

  test.each<[unknown, string]>([
    [{ error: { message: 'x', code: 429 } }, 'provider-overloaded'],
    [{ error: { message: 'x', type: 'rate_limit_exceeded' } }, 'provider-overloaded'],
    [{ error: 'CUDA out of memory' }, 'provider-unavailable'],
    [{ error: { message: 'maximum context length is 5' } }, 'context-overflow'],
  ])('an error in the stream, %j, is %s', async (data, kind) => {
    const { server, provider } = await openHosted();
    server.next(broken(event(data), 0));

    expect((await read(provider)).error).toMatchObject({ name: 'ExpectedFailure', kind });
  });

  test('a poor end takes nothing from a reply that is whole', async () => {
    const { server, provider } = await openHosted();
    const last = `data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}\n\n`;
    server.next(
      broken({ kind: 'bytes', text: `${last}data: {"broken` }),
      broken({ kind: 'bytes', text: `${last}data: {"a\n\n` }),
    );

    expect((await read(provider)).finish).toMatchObject({ reason: 'stop' });
    expect((await read(provider)).finish).toMatchObject({ reason: 'stop' });
  });

  test('usage of another form is as good as none', async () => {
    const { server, provider } = await openHosted();
    const events = [
      { choices: [{ index: 0, delta: { content: 'Hello' }, finish_reason: 'stop' }] },
      { choices: [], usage: { prompt_tokens: 'many', completion_tokens: -1 } },
    ];
    const text = events.map((data) => `data: ${JSON.stringify(data)}\n\n`).join('');
    server.next(broken({ kind: 'bytes', text }, 0));
    const { error, finish } = await read(provider);

    expect(error).toBeNull();
    expect(finish?.usage.reply).toBeGreaterThan(0);
  });
});

describe('an answer that is no stream', () => {
  const tooLarge = { fault: 'answer', body: `{"choices": "${'x'.repeat(200_000)}"}` } as const;

  test('is read no further than it may be long', async () => {
    const { server, provider } = await openHosted({ bodyBytes: 1000 });
    server.next({ ...tooLarge, status: 200, headers: { 'content-type': 'application/json' } });

    expect((await read(provider)).error).toHaveProperty('message', expect.stringContaining('broken JSON'));
  });

  test('is judged by its status where it is too long to read', async () => {
    const { server, provider } = await openHosted({ bodyBytes: 1000 });
    server.next({ ...tooLarge, status: 401 });

    expect((await read(provider)).error).toMatchObject({ kind: 'provider-rejected' });
  });
});
