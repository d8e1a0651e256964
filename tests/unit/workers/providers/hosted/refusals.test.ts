import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { awaitCondition } from '../../../../doubles/await-condition.js';
import {
  answer,
  type Break,
  errorReply,
  overloaded,
  type Reply,
  serverError,
  webPage,
} from '../../../../doubles/model-server/reply.js';
import { openHosted, read, request, SECRET } from './open-hosted.js';

const _broken = (how: Break, afterTokens = 2) =>
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
