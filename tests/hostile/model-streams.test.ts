import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { ExpectedFailure } from '../../src/domain/failure.js';
import type { ModelProvider } from '../../src/ports/models/model-provider.js';
import { systemClock } from '../../src/process/system-clock.js';
import { type ModelServer, startModelServer } from '../doubles/model-server/model-server.js';
import type { Reply } from '../doubles/model-server/reply.js';
import { RecordedLog } from '../doubles/recorders/recorded-log.js';
import { openProvider, read, SECRET } from '../unit/workers/providers/hosted/open-hosted.js';
import { holdsFor } from './holds-for.js';
import { damaged, hostileText, type Json } from './inputs.js';

const LIMITS = {
  firstTokenMs: 1_000,
  betweenTokensMs: 1_000,
  trailerMs: 200,
  totalMs: 5_000,
  eventBytes: 20_000,
  bodyBytes: 20_000,
  replyLength: 5_000,
  breakerFailures: 1_000_000,
};

const said = hostileText(4).map((text): Json => text);
const chunk = fc.record({
  id: fc.constant('x'),
  object: fc.constant('chat.completion.chunk'),
  choices: fc.array(
    fc.record({
      index: fc.constantFrom(0, 0, 0, 1),
      delta: fc.record(
        { role: fc.constant('assistant'), content: said, reasoning_content: said },
        { requiredKeys: ['content'] },
      ),
      finish_reason: fc.constantFrom<Json>(null, null, null, 'stop', 'length', 'error', 'tool_calls'),
    }),
    { maxLength: 2 },
  ),
  usage: fc.constantFrom<Json>(null, { prompt_tokens: 5, completion_tokens: 3 }),
});
const stated = fc.constant<Json>({ error: { message: `no: Bearer ${SECRET}`, code: SECRET, type: 'x' } });
const event = fc.oneof(
  { weight: 6, arbitrary: damaged(chunk, 2).map((value) => `data: ${JSON.stringify(value)}`) },
  damaged(stated, 1).map((value) => `data: ${JSON.stringify(value)}`),
  fc.constantFrom(
    'data: [DONE]',
    'data:',
    ': comment',
    'event: error',
    'id: \0',
    'retry: -1',
    'data: {',
    `data: ${SECRET}`,
    `data: "${'x'.repeat(30_000)}"`,
    'data: [[[',
    '\ufeffdata: {}',
  ),
  hostileText(3),
);
const ending = fc.constantFrom('\n\n', '\n\n', '\n\n', '\r\n\r\n', '\r\r', '\n', '');
const stream = fc
  .array(fc.tuple(event, ending), { maxLength: 12 })
  .map((list) => list.map((pair) => pair.join('')).join(''));

const body = fc.oneof(
  stream,
  damaged(
    fc.record({ choices: fc.constant<Json>([{ message: { content: 'Hi' }, finish_reason: 'stop' }]) }),
  ).map((value) => JSON.stringify(value)),
  damaged(stated).map((value) => JSON.stringify(value)),
  hostileText(5),
);
const reply: fc.Arbitrary<Reply> = fc.oneof(
  fc.tuple(stream, fc.nat(2)).map(
    ([text, afterTokens]): Reply => ({
      tokens: ['One', ' two'],
      break: { afterTokens, how: { kind: 'bytes', text: text.toWellFormed() } },
    }),
  ),
  fc
    .record({
      status: fc.constantFrom(200, 200, 200, 204, 301, 307, 400, 401, 404, 413, 418, 422, 429, 500, 503, 599),
      headers: fc.record(
        {
          'content-type': fc.constantFrom(
            'text/event-stream',
            'application/json',
            'text/html',
            'application/json; charset=utf-16',
          ),
          'retry-after': fc.constantFrom('0', '-1', '99999999999', 'soon', 'Thu, 01 Jan 1970 00:00:00 GMT'),
          location: fc.constantFrom(
            'http://169.254.169.254/latest/meta-data',
            'file:///etc/passwd',
            '//evil.example',
          ),
        },
        { requiredKeys: ['content-type'] },
      ),
      body,
    })
    .map(
      ({ status, headers, body: text }): Reply => ({
        fault: 'answer',
        status,
        headers,
        body: status === 204 ? '' : text.toWellFormed(),
      }),
    ),
);

let server: ModelServer;
let provider: ModelProvider;
const log = new RecordedLog();
beforeAll(async () => {
  server = await startModelServer();
  provider = openProvider(server.url, systemClock, log, LIMITS);
});
afterAll(async () => {
  await provider.stop();
  await server.close();
});

describe('the stream of a hosted model', () => {
  holdsFor(
    'is a reply of bounded length or a planned failure, in bounded time, and never tells the key',
    reply,
    async (given) => {
      server.next(given);
      const start = performance.now();
      const { parts, text, finish, error } = await read(provider);
      expect(performance.now() - start, 'ms').toBeLessThan(LIMITS.totalMs + 20_000);
      expect(text.length).toBeLessThanOrEqual(LIMITS.replyLength);
      if (error === null) {
        expect(finish).toBe(parts.at(-1));
        expect(finish?.usage.reply).toBeGreaterThanOrEqual(0);
      } else {
        expect(error).toBeInstanceOf(ExpectedFailure);
        expect(String(error)).not.toContain(SECRET);
        expect(String(error).length).toBeLessThan(300);
      }
      expect(log.everything).not.toContain(SECRET);
      log.lines.length = 0;
    },
    { share: 0.25 },
  );
});
