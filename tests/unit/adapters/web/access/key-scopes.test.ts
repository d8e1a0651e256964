import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Database } from '../../../../../src/storage/database/database.js';
import { openTestDatabase } from '../../../../fixtures/open-test-database.js';
import { openStoredWeb } from '../stored-web.js';

const ADMIN = 'the-operator';
const keyOf = (letter: string) => `pk_${letter.repeat(43)}`;
const KEYS = new Map([
  [keyOf('a'), { id: 1 }],
  [keyOf('b'), { id: 2 }],
]);
const CALLERS = { admin: ADMIN, 'the first key': keyOf('a'), 'the second key': keyOf('b') } as const;
type Caller = keyof typeof CALLERS;

/** The same for everybody: nobody else's. */
const CONVERSATION = 'shared';
const USER = 'ann';
const CALL = { user_id: USER, conversation_id: CONVERSATION };

let database: Database;
let open: Awaited<ReturnType<typeof openStoredWeb>>;
beforeAll(async () => {
  database = await openTestDatabase();
  const apiKeys = { find: async (key: string) => KEYS.get(key) ?? null };
  open = await openStoredWeb(database, { apiKey: ADMIN, apiKeys });
});
beforeEach(() => database.pool.query('TRUNCATE conversation, message, place_settings, author_usage CASCADE'));
afterAll(async () => {
  await open?.close();
  await database?.stop();
});

async function call(
  caller: Caller,
  method: string,
  path: string,
  body?: object,
  more: Record<string, string> = {},
) {
  const headers = { authorization: `Bearer ${CALLERS[caller]}`, 'content-type': 'application/json', ...more };
  const response = await fetch(open.url + path, {
    method,
    headers,
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
}

/** What the intruder does with the ids of another's; what it may be told. */
type Intrusion = (as: Caller, turnId: number) => Promise<void>;
const missing =
  (method: string, path: (turnId: number) => string, body?: object): Intrusion =>
  async (as, turnId) => {
    expect((await call(as, method, path(turnId), body)).status).toBe(404);
  };
const forgetsNothing =
  (method: string, path: string): Intrusion =>
  async (as) => {
    expect(JSON.parse((await call(as, method, path)).text)).toMatchObject({ forgotten: 0 });
  };
const asks =
  (path: string, body: object): Intrusion =>
  async (as, turnId) => {
    const { status, text } = await call(as, 'POST', path, body, { 'idempotency-key': path });
    expect(status).toBe(200);
    expect(JSON.parse(text)).not.toMatchObject({ turn_id: turnId });
  };

const AT = `/api/conversations/${CONVERSATION}`;

/**
 * What a key does on each address outside `/api/admin/`. `nobody's`: there is nothing on it that somebody said. An
 * intrusion: what is said under another key, or by the operator, is out of reach.
 */
const REACH: Readonly<Record<string, "nobody's" | readonly Intrusion[]>> = {
  'get /healthz': "nobody's",
  'get /readyz': "nobody's",
  'get /api/session': "nobody's",
  'post /api/session': "nobody's",
  'delete /api/session': "nobody's",
  'get /api/openapi.json': "nobody's",
  'get /api/models': "nobody's",
  'get /api/options': "nobody's",
  'get /api/commands': "nobody's",
  'get /v1/models': "nobody's",
  'get /v1/models/{id}': "nobody's",
  'get /api/conversations': [
    async (as) => {
      const { text } = await call(as, 'GET', `/api/conversations?user_id=${USER}`);
      expect(JSON.parse(text)).toEqual({ conversations: [], earlier: null });
    },
  ],
  'get /api/conversations/{id}': [missing('GET', () => `${AT}?user_id=${USER}`)],
  'patch /api/conversations/{id}': [missing('PATCH', () => AT, { title: 'Mine' })],
  'get /api/conversations/{id}/export': [missing('GET', () => `${AT}/export?user_id=${USER}`)],
  'get /api/conversations/{id}/settings': [
    async (as) => {
      const { text } = await call(as, 'GET', `${AT}/settings`);
      expect(text).not.toContain('verse');
    },
  ],
  'patch /api/conversations/{id}/settings': [
    async (as) => {
      expect((await call(as, 'PATCH', `${AT}/settings`, { system_prompt: 'Mine' })).status).toBe(200);
    },
  ],
  'delete /api/conversations/{id}': [forgetsNothing('DELETE', AT)],
  'post /api/conversations/{id}/clear': [forgetsNothing('POST', `${AT}/clear`)],
  'get /api/turns/{id}/events': [
    missing('GET', (id) => `/api/turns/${id}/events?conversation_id=${CONVERSATION}`),
  ],
  'post /api/turns/{id}/stop': [missing('POST', (id) => `/api/turns/${id}/stop`, CALL)],
  'post /api/turns/{id}/regenerate': [missing('POST', (id) => `/api/turns/${id}/regenerate`, CALL)],
  'post /api/turns/{id}/vote': [missing('POST', (id) => `/api/turns/${id}/vote`, { ...CALL, vote: -1 })],
  'post /api/commands/{name}': [
    ...['clear', 'stop', 'retry', 'usage', 'help', 'forget-me'].map(
      (name): Intrusion =>
        async (as) => {
          const { status, text } = await call(as, 'POST', `/api/commands/${name}`, CALL);
          expect(status, text).toBe(200);
          if (name === 'usage') expect(text).toMatch(/\b0\b/);
        },
    ),
    async (as) => {
      const { status, text } = await call(as, 'POST', '/api/commands/settings', {
        ...CALL,
        values: { temperature: 0 },
      });
      expect(status, text).toBe(200);
    },
    asks('/api/commands/ask', { ...CALL, values: { question: 'Why?' } }),
  ],
  'post /api/question': [
    asks('/api/question', { ...CALL, question: 'Why?' }),
    async (as, turnId) => {
      const replacing = { ...CALL, question: 'Why?', replaces: turnId };
      expect((await call(as, 'POST', '/api/question', replacing)).status).toBe(404);
    },
  ],
  'post /v1/chat/completions': [
    asks('/v1/chat/completions', {
      model: 'small',
      messages: [{ role: 'user', content: 'Why?' }],
      user: USER,
    }),
  ],
};

/** No key reaches these. */
const isOperators = (address: string) => /^[a-z]+ (\/api\/admin\/|\/metrics$)/.test(address);

async function documented(): Promise<string[]> {
  const { paths } = JSON.parse((await call('admin', 'GET', '/api/openapi.json')).text) as {
    paths: Record<string, object>;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
}

test('this table says of every address what a key reaches there', async () => {
  const addresses = (await documented()).filter((address) => !isOperators(address));
  expect(Object.keys(REACH).sort()).toEqual(addresses.sort());
});

test('no key reaches what only the operator may', async () => {
  const operators = (await documented()).filter(isOperators);
  expect(operators.length).toBeGreaterThan(10);
  for (const address of [...operators, 'get /api/admin/nothing']) {
    const [method = '', path = ''] = address.split(' ');
    const { status } = await call('the first key', method.toUpperCase(), path);
    expect(status, address).toBe(path.startsWith('/api/') ? 403 : 401);
  }
});

test.each([
  ['the first key', 'the second key'],
  ['the second key', 'admin'],
  ['admin', 'the first key'],
] as const)('of what is said by %s, %s reaches nothing, on no address', async (victim, intruder) => {
  const asked = await call(
    victim,
    'POST',
    '/api/question',
    { ...CALL, question: `A secret of ${victim}` },
    { 'idempotency-key': '/api/question' },
  );
  const { turn_id: turnId } = JSON.parse(asked.text) as { turn_id: number };
  await call(victim, 'POST', `/api/turns/${turnId}/vote`, { ...CALL, vote: 1, comment: 'Right.' });
  await call(victim, 'PATCH', AT, { title: 'Ours' });
  await call(victim, 'PATCH', `${AT}/settings`, { system_prompt: 'Answer in verse.' });
  const before = await everythingOf(turnId);
  expect(before).toContain('Ours');
  expect(before).toContain('verse');
  for (const [address, intrusions] of Object.entries(REACH)) {
    if (typeof intrusions === 'string') continue;
    for (const intrude of intrusions) await intrude(intruder, turnId);
    expect(await everythingOf(turnId), address).toBe(before);
  }
  const read = await call(intruder, 'GET', `${AT}?user_id=${USER}`);
  expect(read.text).not.toContain('secret');
  const own = await call(victim, 'GET', `${AT}?user_id=${USER}`);
  expect(JSON.parse(own.text)).toMatchObject({ turns: [{ turn_id: turnId, vote: 1, comment: 'Right.' }] });
});

/** All rows about the conversation of a turn, and the settings of its place. */
async function everythingOf(turnId: number): Promise<string> {
  const { rows } = await database.pool.query(
    `SELECT to_jsonb(place) AS place, to_jsonb(turn) AS turn, to_jsonb(message) AS message,
            (SELECT jsonb_agg(vote ORDER BY vote.author_key) FROM vote WHERE vote.turn_id = turn.id) AS votes,
            (SELECT jsonb_agg(place_settings) FROM place_settings WHERE place_settings.key = place.key) AS settings
     FROM turn AS asked JOIN conversation AS place ON place.id = asked.conversation_id
     JOIN turn ON turn.conversation_id = place.id JOIN message ON message.id = turn.message_id
     WHERE asked.id = $1 ORDER BY turn.id`,
    [turnId],
  );
  return JSON.stringify(rows);
}

test('a key that was never made, or looks like none, is refused with what to do', async () => {
  for (const [key, sentence] of [
    [keyOf('c'), 'ask whoever runs Parley'],
    ['pk_short', 'Send the API key'],
  ]) {
    const response = await fetch(`${open.url}/api/models`, { headers: { authorization: `Bearer ${key}` } });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('invalid_token');
    expect(await response.text()).toContain(sentence);
  }
});

test('where the operator set no key, one that is shown still counts', async () => {
  const apiKeys = { find: async (key: string) => KEYS.get(key) ?? null };
  const local = await openStoredWeb(database, { apiKeys });
  const status = async (path: string, authorization: Record<string, string>) =>
    (await fetch(local.url + path, { headers: authorization })).status;
  expect(await status('/api/admin/queue', {})).toBe(200);
  expect(await status('/api/admin/queue', { authorization: 'Bearer anything' })).toBe(200);
  expect(await status('/api/admin/queue', { authorization: `Bearer ${keyOf('a')}` })).toBe(403);
  expect(await status('/api/models', { authorization: `Bearer ${keyOf('c')}` })).toBe(401);
  await local.close();
});
