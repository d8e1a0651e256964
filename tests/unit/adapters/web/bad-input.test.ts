import { request } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { SAMPLING_NUMBERS } from '../../../../src/domain/sampling.js';
import { openWeb } from './open-web.js';

const ASK = { question: 'Why?', user_id: 'ann' };

let open: Awaited<ReturnType<typeof openWeb>>;
beforeAll(async () => {
  open = await openWeb();
});
afterEach(() => expect(open.bot.turns).toEqual([]));
afterAll(() => open.close());

interface Refused {
  readonly error: { readonly code: string; readonly message: string; readonly issues?: { field: string }[] };
}

async function refused(response: Promise<Response>, status: number): Promise<Refused['error']> {
  const { status: given, ...rest } = await response.then(async (r) => ({
    status: r.status,
    body: await r.json(),
  }));
  expect(given).toBe(status);
  return (rest.body as Refused).error;
}

describe('a body that cannot be read', () => {
  test('as JSON is a 400 that does not repeat it', async () => {
    const error = await refused(open.post('/api/question', '{"question": "secret'), 400);
    expect(error).toEqual({ code: 'bad-request', message: 'The body is not valid JSON.' });
  });

  test('as UTF-8 is a 400', async () => {
    const body = Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]);
    const response = open.send('POST', '/api/question', {
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect((await refused(response, 400)).message).toContain('UTF-8');
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=latin1',
    'application/jsonp',
    '',
  ])('as %j is a 415', async (type) => {
    const headers: Record<string, string> = type === '' ? {} : { 'content-type': type };
    const body = new Blob([JSON.stringify(ASK)]);
    const response = open.send('POST', '/api/question', { headers, body });
    expect((await refused(response, 415)).code).toBe('unsupported-media-type');
  });

  test('because it is compressed is a 415', async () => {
    const response = open.post('/api/question', ASK, { headers: { 'content-encoding': 'gzip' } });
    await refused(response, 415);
  });

  test('because it is larger than 256 kB is a 413, announced or not', async () => {
    const question = 'x'.repeat(256 * 1024);
    const announced = await refused(open.post('/api/question', { ...ASK, question }), 413);
    expect(announced).toEqual({ code: 'body-too-large', message: 'The body is larger than 256 kB.' });
    expect(await postChunked(JSON.stringify({ ...ASK, question }))).toBe(413);
  });

  test('because there is none is a 400', async () => {
    await refused(open.post('/api/question', ''), 400);
  });
});

/** Without a Content-Length. */
function postChunked(body: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(`${open.url}/api/question`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
    sent.on('response', (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on('error', reject);
    for (let at = 0; at < body.length; at += 65_536) sent.write(body.slice(at, at + 65_536));
    sent.end();
  });
}

describe('a question that makes no sense', () => {
  const cases: readonly [string, object, string, string][] = [
    ['no question', { user_id: 'ann' }, 'question', 'is missing'],
    ['a number for a question', { ...ASK, question: 7 }, 'question', 'must be text'],
    ['no user', { question: 'x' }, 'user_id', 'is missing'],
    ['an empty user', { ...ASK, user_id: '' }, 'user_id', 'must not be empty'],
    ['a blank user', { ...ASK, user_id: '  ' }, 'user_id', 'must be visible text without control characters'],
    [
      'a user with a line break',
      { ...ASK, user_id: 'a\nb' },
      'user_id',
      'must be visible text without control',
    ],
    ['a long user', { ...ASK, user_id: 'x'.repeat(129) }, 'user_id', 'must be at most 128 characters long'],
    ['an unknown field', { ...ASK, modle: 'small' }, 'modle', 'is not a field of this request'],
    [
      'a conversation that is a path',
      { ...ASK, conversation_id: '../x' },
      'conversation_id',
      'must be 1 to 128',
    ],
    ['a NUL', { ...ASK, question: 'a\0b' }, 'question', 'must be well-formed Unicode without NUL'],
    ['half an emoji', { ...ASK, question: 'a\ud83d' }, 'question', 'must be well-formed Unicode'],
    ['half an emoji as a user', { ...ASK, user_id: '\udc00' }, 'user_id', 'must be visible text'],
    ['a list of parameters', { ...ASK, parameters: [] }, 'parameters', 'must be an object'],
    ['an unknown parameter', { ...ASK, parameters: { topk: 1 } }, 'parameters.topk', 'is not a field'],
    ['half a top_k', { ...ASK, parameters: { top_k: 1.5 } }, 'parameters.top_k', 'must be a whole number'],
    [
      'a word for a temperature',
      { ...ASK, parameters: { temperature: 'hot' } },
      'parameters.temperature',
      'must be a number',
    ],
    ['an empty stop', { ...ASK, parameters: { stop: '' } }, 'parameters.stop', 'must not be empty'],
    [
      'nine stops',
      { ...ASK, parameters: { stop: [...'123456789'] } },
      'parameters.stop',
      'must hold at most 8 entries',
    ],
    [
      'a long stop',
      { ...ASK, parameters: { stop: ['x'.repeat(65)] } },
      'parameters.stop.0',
      'must be at most 64',
    ],
    ['a number for a stop', { ...ASK, parameters: { stop: 1 } }, 'parameters.stop', 'has the wrong type'],
  ];
  test.each(cases)('%s is a 400 that says where', async (_name, body, field, message) => {
    const error = await refused(open.post('/api/question', body), 400);
    expect(error).toMatchObject({ code: 'invalid', issues: [{ field }] });
    expect(error.message).toContain(`${field} ${message}`);
  });

  test('everything wrong is said at once', async () => {
    const error = await refused(open.post('/api/question', { parameters: { top_p: 2, seed: -1 } }), 400);
    expect(error.issues?.map(({ field }) => field).sort()).toEqual([
      'parameters.seed',
      'parameters.top_p',
      'question',
      'user_id',
    ]);
  });

  test('of what is wrong with tens of thousands of fields, the first are told, in time', async () => {
    const fields = Object.fromEntries(Array.from({ length: 28_000 }, (_, i) => [i.toString(36), 0]));
    const start = process.cpuUsage();
    for (const body of [
      { ...ASK, ...fields },
      { ...ASK, parameters: fields },
    ]) {
      const error = await refused(open.post('/api/question', body), 400);
      expect(error.issues).toHaveLength(20);
      expect(error.message.length).toBeLessThan(2_000);
    }
    expect(process.cpuUsage(start).user / 1_000, 'ms').toBeLessThan(1_000);
  });

  test('a body that is no object is a 400', async () => {
    for (const body of ['[]', 'null', '"x"', '7']) {
      expect((await refused(open.post('/api/question', body), 400)).message).toBe(
        'The body must be an object.',
      );
    }
  });

  const names = {
    temperature: 'temperature',
    topK: 'top_k',
    topP: 'top_p',
    minP: 'min_p',
    repeatPenalty: 'repeat_penalty',
    maxTokens: 'max_tokens',
    seed: 'seed',
  } as const;
  test.each(Object.entries(SAMPLING_NUMBERS))('%s outside its range is a 400', async (name, { min, max }) => {
    const field = names[name as keyof typeof names];
    const low = await refused(open.post('/api/question', { ...ASK, parameters: { [field]: min - 1 } }), 400);
    expect(low.message).toBe(`parameters.${field} must be at least ${min}.`);
    const high = await refused(open.post('/api/question', { ...ASK, parameters: { [field]: max + 1 } }), 400);
    expect(high.message).toBe(`parameters.${field} must be at most ${max}.`);
  });
});

describe('an address that is not', () => {
  test('is a 404 in JSON', async () => {
    expect(await refused(open.send('GET', '/api/nothing'), 404)).toMatchObject({ code: 'not-found' });
  });

  test('for this method is a 405 that says which', async () => {
    const response = await open.send('PUT', '/api/conversations/c1');
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('DELETE, GET, HEAD, PATCH');
    expect((await open.send('GET', '/api/question')).headers.get('allow')).toBe('POST');
  });
});
