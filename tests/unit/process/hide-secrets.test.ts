import { describe, expect, test } from 'vitest';
import { ExpectedFailure } from '../../../src/domain/failure.js';
import { createLog } from '../../../src/process/logger.js';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** Secrets by what they are; built here, so that no scanner takes this file for a leak. */
const SECRETS = {
  'a Slack bot token': ['xoxb', '1111111111', 'AbCdEfGhIjKl'].join('-'),
  'a rotated Slack token': ['xoxe.xoxp', '1', 'Mi0yLTEx'].join('-'),
  'a Slack app token': ['xapp', '1', 'A0', '222', 'abcdef'].join('-'),
  'a Discord bot token': ['MTEyMjMzNDQ1NTY2Nzc4OA', 'GabcdE', 'aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789ab'].join(
    '.',
  ),
  'an interaction token': `aW50ZXJhY3Rpb246${'MTIzNDU2Nzg5'.repeat(6)}`,
  'a key of OpenAI': ['sk', 'proj', 'abcdefghijklmnop'].join('-'),
  'a Hugging Face token': ['hf', 'abcdefghijklmnop'].join('_'),
} as const;

/** Ways for a secret to get into a line's fields or sentence. */
const CARRIERS: Readonly<Record<string, (secret: string) => readonly [fields: object, message?: string]>> = {
  'an error’s sentence': (secret) => [{ err: new Error(`refused ${secret} there`) }],
  'the cause of a planned failure': (secret) => [
    { err: new ExpectedFailure('setup', 'no', { cause: new Error(`with ${secret}`) }) },
  ],
  'what an SDK hung on an error': (secret) => [
    { err: Object.assign(new Error('no'), { request: { headers: { authorization: `Bearer ${secret}` } } }) },
  ],
  'an error deep in other fields': (secret) => [{ a: { b: [{ c: new Error(secret) }] } }],
  'a thrown thing that is no error': (secret) => [{ err: `failed for ${secret}` }],
  'a reason in words': (secret) => [{ reason: `cannot use ${secret}` }],
  'the line’s own sentence': (secret) => [{}, `the token ${secret} is dead`],
  'a header four levels deep': (secret) => [
    { one: { two: { three: { headers: { Authorization: secret } } } } },
  ],
  'a list of headers': (secret) => [{ headers: [['authorization', `Bot ${secret}`]] }],
  'an address': (secret) => [{ url: `https://discord.com/api/v10/webhooks/42/${secret}/messages/@original` }],
  'an address as an object': (secret) => [{ url: new URL(`https://user:${secret}@db.example/x`) }],
};

function written(level: (typeof LEVELS)[number], fields: object, message = 'something failed'): string {
  const lines: string[] = [];
  createLog('trace', { write: (line) => lines.push(line) })[level](fields, message);
  return lines.join('');
}

describe.each(LEVELS)('a line at %s', (level) => {
  const cases = Object.entries(SECRETS).flatMap(([what, secret]) =>
    Object.entries(CARRIERS).map(([where, carry]) => ({ what, where, secret, line: carry(secret) })),
  );
  test.each(cases)('shows no $what in $where', ({ secret, line: [fields, message] }) => {
    const line = written(level, fields, message);
    expect(line).toMatch(/^\{.*"msg":.*\}\n$/);
    expect(line).not.toContain(secret);
    expect(() => JSON.parse(line)).not.toThrow();
  });

  test.each([
    'token',
    'botToken',
    'bot_token',
    'Authorization',
    'api_key',
    'apiKey',
    'X-Api-Key',
    'clientSecret',
    'signing_secret',
    'password',
    'Set-Cookie',
    'response_url',
    'responseUrl',
    'credential',
  ])('shows nothing of a field named %s, whatever it looks like', (name) => {
    for (const fields of [
      { [name]: 'hush hush' },
      { a: [{ b: { [name]: 'hush hush' } }] },
      { [name]: { deeper: 'hush hush' } },
    ]) {
      expect(written(level, fields)).not.toContain('hush');
    }
  });
});

test('numbers, ids and the rest stay as they are', () => {
  const fields = {
    turnId: 7,
    promptTokens: 12,
    tokensPerSecond: 3.5,
    kind: 'setup',
    url: 'https://example.org/a',
    at: new Date(0),
    nothing: null,
    list: ['a', 1, true],
  };
  expect(JSON.parse(written('info', fields))).toMatchObject({ ...fields, at: '1970-01-01T00:00:00.000Z' });
});

test('fields that go round in circles end', () => {
  const circle: { self?: object; name: string } = { name: 'round' };
  circle.self = circle;
  expect(written('info', { circle })).toContain('round');
});
