import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { awaitCondition } from '../../doubles/await-condition.js';
import { FakeClock } from '../../doubles/fake-clock.js';
import { startModelServer } from '../../doubles/model-server/model-server.js';
import {
  answer,
  type Break,
  errorReply,
  overloaded,
  type Reply,
  serverError,
  webPage,
} from '../../doubles/model-server/reply.js';
import { RecordedLog } from '../../doubles/recorded-log.js';
import { openHosted, openProvider, read, request, SECRET } from './open-hosted.js';

const broken = (how: Break, afterTokens = 2) =>
  answer('One two three four.', { break: { afterTokens, how } });
const json = (status: number, body: unknown): Reply => ({
  fault: 'answer',
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

describe('an endpoint that refuses', () => {
  test.each<[string, Reply, string, boolean]>([
    [
      'a wrong key',
      errorReply(401, { message: `bad key ${SECRET}`, code: 'invalid_api_key' }),
      'provider-rejected',
      false,
    ],
    [
      'an account without credit',
      json(402, { error: 'You have exceeded your monthly included credits' }),
      'provider-rejected',
      false,
    ],
    ['a forbidden model', errorReply(403, { message: 'no' }), 'provider-rejected', false],
    [
      'an unknown model',
      errorReply(404, { message: 'no', code: 'model_not_found' }),
      'provider-rejected',
      false,
    ],
    ['an unknown address', webPage(404), 'provider-rejected', false],
    [
      'a redirect',
      { fault: 'answer', status: 301, headers: { location: 'https://elsewhere.test/' }, body: '' },
      'provider-rejected',
      false,
    ],
    [
      'a used-up quota',
      errorReply(429, { message: 'pay', code: 'insufficient_quota' }),
      'provider-rejected',
      false,
    ],
    ['too many requests', overloaded(), 'provider-overloaded', true],
    ['an overloaded model', json(529, { error: { type: 'overloaded_error' } }), 'provider-overloaded', true],
    [
      'a prompt too long (OpenAI)',
      errorReply(400, { message: 'x', code: 'context_length_exceeded' }),
      'context-overflow',
      false,
    ],
    [
      'a prompt too long (vLLM)',
      json(400, {
        message: "This model's maximum context length is 2048 tokens. However, you requested 3000",
      }),
      'context-overflow',
      false,
    ],
    [
      'a prompt too long (llama.cpp)',
      json(400, {
        error: {
          code: 400,
          message: 'the request exceeds the available context size',
          type: 'exceed_context_size_error',
        },
      }),
      'context-overflow',
      false,
    ],
    [
      'a prompt too long (TGI)',
      json(422, { error: 'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096' }),
      'context-overflow',
      false,
    ],
    ['a body too large', { fault: 'answer', status: 413, body: 'too large' }, 'context-overflow', false],
    [
      'a content policy',
      errorReply(400, { message: 'filtered', code: 'content_filter' }),
      'provider-rejected',
      false,
    ],
    ['a server error', serverError(), 'provider-unavailable', true],
    ['a gateway error page', webPage(502), 'provider-unavailable', true],
    [
      'a model that loads',
      json(503, { error: 'Model is loading', estimated_time: 20 }),
      'provider-unavailable',
      true,
    ],
  ])('for %s', async (_name, reply, kind, retryable) => {
    const { server, provider } = await openHosted();
    server.next(reply);
    const { error, parts } = await read(provider);

    expect(error).toMatchObject({ name: 'ExpectedFailure', kind, retryable });
    expect(parts).toEqual([]);
  });

  test('says where, which status and which code, and nothing that was sent to it', async () => {
    const { server, provider, log, clock } = await openHosted({ retries: 1 });
    const echo = `Incorrect API key provided: ${SECRET}. You said: my private words`;
    server.next(
      errorReply(500, { message: echo }),
      errorReply(401, { message: echo, code: 'invalid_api_key' }),
    );
    const reading = read(provider, request({}, 'my private words'));
    await awaitCondition(() => log.lines.length === 1);
    await clock.advance(1000);
    const { error } = await reading;
    const everything = inspect([error, log.lines], { depth: 20, showHidden: true });

    expect(error).toHaveProperty(
      'message',
      `${new URL(server.url).host} answered 401 (invalid_api_key): the key is missing or wrong`,
    );
    expect(everything).not.toContain(SECRET);
    expect(everything).not.toContain('private');
  });

  test('a secret that stands for a code is not repeated either', async () => {
    const { server, provider } = await openHosted();
    server.next(errorReply(401, { message: 'no', code: SECRET, type: 'x' }));

    expect(inspect((await read(provider)).error, { depth: 20 })).not.toContain(SECRET);
  });
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

describe('an endpoint that is not there', () => {
  test('refuses the connection', async () => {
    const server = await startModelServer();
    await server.close();
    const provider = openProvider(server.url, new FakeClock(), new RecordedLog());
    const { error } = await read(provider);
    await provider.stop();

    expect(error).toMatchObject({ kind: 'provider-unavailable', retryable: true });
    expect(error).toHaveProperty(
      'message',
      `the connection to ${new URL(server.url).host} failed (ECONNREFUSED)`,
    );
  });

  test('takes the connection and never completes it', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const sockets: Socket[] = [];
    silent.on('connection', (socket) => sockets.push(socket));
    const { port } = silent.address() as AddressInfo;
    const provider = openProvider(`https://127.0.0.1:${port}/v1`, new FakeClock(), new RecordedLog(), {
      connectMs: 50,
    });
    const { error } = await read(provider);
    await provider.stop();
    for (const socket of sockets) socket.destroy();
    silent.close();

    expect(error).toMatchObject({ kind: 'provider-unavailable' });
    expect(error).toHaveProperty('message', `no connection to 127.0.0.1:${port} in time`);
  });

  test('tears the connection down before it answers', async () => {
    const { server, provider } = await openHosted();
    server.next({ fault: 'reset' });

    expect((await read(provider)).error).toMatchObject({ kind: 'provider-unavailable' });
  });

  test.each(['ftp://models.test', 'models.test/v1', 'https://user:pass@models.test/v1'])(
    'has an address that is none: %s',
    (baseUrl) => {
      const open = () => openProvider(baseUrl, new FakeClock(), new RecordedLog());

      expect(open).toThrow(expect.objectContaining({ kind: 'setup' }));
      expect(open).not.toThrow('user:pass');
    },
  );
});
