import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { openWeb } from '../unit/adapters/web/open-web.js';
import { holdsFor } from './holds-for.js';
import { damaged, hostileText, type Json } from './inputs.js';

const KEY = 'MARKED-SECRET-api-key';
let open: Awaited<ReturnType<typeof openWeb>>;
beforeAll(async () => {
  open = await openWeb({ apiKey: KEY });
  // Whoever is accepted waits for an answer: here nobody is, and every request ends by itself.
  open.bot.inbox.accept = async () => ({ type: 'refused', reason: 'turn-limit', text: 'Not now.' });
});
afterAll(() => open.close());

const question = fc.record({
  question: hostileText(10).map((text): Json => text),
  user_id: fc.constant('ann'),
  conversation_id: fc.constant('c-1'),
  model: fc.constant('small'),
  parameters: fc.constant<Json>({ temperature: 1, top_k: 5, stop: ['END'], seed: 7 }),
});
const call = fc.record({
  user_id: fc.constant('ann'),
  conversation_id: fc.constant('c-1'),
  values: fc.dictionary(
    fc.constantFrom('scope', 'name', 'temperature', 'question', '__proto__', 'constructor'),
    fc.constantFrom<Json>('a', 1, true),
  ),
});
const vote = fc.record({
  user_id: fc.constant('ann'),
  conversation_id: fc.constant('c-1'),
  vote: fc.constantFrom(-1, 0, 1),
});
/** More fields than anybody fills in: as many as a body holds. */
const crowded = fc
  .tuple(fc.integer({ min: 1, max: 28_000 }), fc.constantFrom<Json>(0, null, {}), fc.boolean())
  .map(([count, value, inside]): Json => {
    const fields = Object.fromEntries(Array.from({ length: count }, (_, i) => [i.toString(36), value]));
    return inside ? { user_id: 'ann', values: fields } : { user_id: 'ann', question: 'x', ...fields };
  });
const chat = fc.record({
  model: fc.constant<Json>('small'),
  messages: fc.array(
    fc.record({
      role: fc.constantFrom<Json>('system', 'user', 'assistant', 'tool', '__proto__'),
      content: fc.oneof(
        hostileText(10).map((text): Json => text),
        hostileText(10).map(
          (text): Json => [
            { type: 'text', text },
            { type: 'image_url', image_url: {} },
          ],
        ),
      ),
    }),
    { maxLength: 5 },
  ),
  stop: fc.constantFrom<Json>('END', ['a'], null),
  seed: fc.constantFrom<Json>(-1, 2 ** 53, null),
  stream: fc.boolean(),
});
const json = fc.oneof(
  { weight: 8, arbitrary: damaged(fc.oneof(question, call, vote, chat)) },
  { weight: 1, arbitrary: crowded },
);
const body = fc.oneof(
  { weight: 8, arbitrary: json.map((value) => JSON.stringify(value)) },
  hostileText(10),
  fc.constantFrom(
    '',
    'null',
    '[[[',
    '['.repeat(100_000),
    '{"a":'.repeat(30_000),
    'x'.repeat(300_000),
    '\ufeff{}',
    '{"__proto__":{"polluted":1}}',
  ),
);

const ID = fc.oneof(
  fc.constantFrom(
    'c-1',
    '1',
    '0',
    '-1',
    '9'.repeat(30),
    '..',
    '%2e%2e%2f',
    '%00',
    '%',
    '%ff',
    'a'.repeat(4_000),
  ),
  hostileText(3).map((text) => encodeURIComponent(text.toWellFormed())),
);
const path = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      '/api/question',
      '/api/commands/settings',
      '/api/commands/clear',
      '/api/commands/__proto__',
      '/v1/chat/completions',
    ),
  },
  ID.map((id) => `/api/conversations/${id}`),
  ID.map((id) => `/api/conversations/c-1?limit=${id}&before=${id}`),
  fc
    .tuple(ID, fc.constantFrom('stop', 'regenerate', 'vote', 'retry', ''))
    .map(([id, what]) => `/api/turns/${id}/${what}`),
  ID.map((id) => `/${id}`),
  fc.constantFrom('/healthz', '/readyz', '/api/openapi.json', '/api/models'),
);
const headers = fc.record(
  {
    'content-type': fc.oneof(
      { weight: 6, arbitrary: fc.constant('application/json') },
      fc.constantFrom('text/plain', 'application/json; charset=utf-7', 'application/json;'.repeat(200)),
    ),
    accept: fc.constantFrom(
      'text/event-stream',
      'application/json',
      '*/*',
      'text/event-stream;q=',
      ','.repeat(4_000),
      'a;q=1,'.repeat(500),
    ),
    'idempotency-key': fc.constantFrom('k', ' ', 'x'.repeat(255), 'x'.repeat(5_000), 'a b'),
    authorization: fc.oneof(
      { weight: 6, arbitrary: fc.constant(`Bearer ${KEY}`) },
      fc.constantFrom('Bearer', 'Bearer x', `bearer  ${KEY}x`, `Basic ${KEY}`, 'Bearer '.repeat(1_000)),
    ),
    'content-length': fc.constantFrom('0', '-1', '1e9', '99999999999', 'x'),
    'x-forwarded-for': fc.constant('127.0.0.1'),
    origin: fc.constantFrom('null', 'https://evil.example'),
    cookie: fc.oneof(
      hostileText(3).map((text) => `parley_session=${encodeURIComponent(text.toWellFormed())}`),
      fc.constantFrom('parley_session=v1.9.', 'parley_session=%', `parley_session=v1.${'9'.repeat(4_000)}.x`),
    ),
  },
  { requiredKeys: ['authorization', 'content-type'] },
);
const request = fc.record({
  path,
  headers,
  body,
  method: fc.oneof(
    { weight: 6, arbitrary: fc.constant('POST') },
    fc.constantFrom('GET', 'DELETE', 'PUT', 'PATCH', 'OPTIONS'),
  ),
});
const STATUSES = new Set([200, 400, 401, 404, 405, 409, 413, 415, 422, 429]);

describe('a request to the HTTP API', () => {
  holdsFor(
    'is answered with a short sentence and no secret, and none without the key',
    request,
    async (made) => {
      const { 'content-length': _length, ...given } = made.headers;
      const asked = new Request(`http://parley.example${made.path}`, {
        method: made.method,
        headers: made.headers['content-length'] === undefined ? given : made.headers,
        ...(made.method === 'GET' ? {} : { body: made.body.toWellFormed() }),
      });
      const response = await open.web.fetch(asked);
      const text = await response.text();
      expect(STATUSES, `${made.method} ${made.path}`).toContain(response.status);
      if (made.path.startsWith('/api/') && made.headers.authorization !== `Bearer ${KEY}`)
        expect([401, 404]).toContain(response.status);
      if (response.status >= 400) expect(text.length).toBeLessThan(10_000);
      expect(text.isWellFormed()).toBe(true);
      expect(text + open.log.everything).not.toContain(KEY);
      expect(Reflect.get({}, 'polluted')).toBeUndefined();
      open.log.lines.length = 0;
    },
  );
});

const line = fc.oneof(
  fc.constantFrom(
    'GET / HTTP/1.1',
    'POST /api/question HTTP/1.1',
    'GET / HTTP/9.9',
    'PRI * HTTP/2.0',
    '\u0016\u0003\u0001',
    'GET http://169.254.169.254/ HTTP/1.1',
    `GET /${'x'.repeat(20_000)} HTTP/1.1`,
  ),
  hostileText(3),
);
const header = fc.oneof(
  fc.constantFrom(
    'Host: localhost',
    'Host: ',
    'Content-Length: 5',
    'Content-Length: -5',
    'Content-Length: 5, 6',
    'Transfer-Encoding: chunked',
    'Transfer-Encoding: chunked, identity',
    'Connection: upgrade',
    'Upgrade: h2c',
    'Expect: 100-continue',
    `Authorization: Bearer ${KEY}`,
    `X: ${'y'.repeat(20_000)}`,
    ' folded',
    'Host: a\rHost: b',
  ),
  hostileText(2),
);
const bytes = fc
  .tuple(
    line,
    fc.array(header, { maxLength: 8 }),
    fc.constantFrom('', 'hello', '5\r\nhello\r\n0\r\n\r\n', 'FFFFFFFFFF\r\n', '-1\r\nx'),
  )
  .map(([first, rest, content]) => `${[first, ...rest].join('\r\n')}\r\n\r\n${content}`);

function sendBytes(port: number, given: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
    // The writing side is closed: whatever is unfinished will stay so.
    socket.end(Buffer.from(given));
  });
}

describe('bytes on the port of the HTTP API', () => {
  holdsFor(
    'end the connection, and the next request is served',
    bytes,
    async (given) => {
      expect(await sendBytes(open.port, given)).not.toContain(KEY);
      expect((await fetch(`${open.url}/healthz`)).status).toBe(200);
    },
    { share: 0.25 },
  );
});
