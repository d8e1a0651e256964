import { describe, expect, test } from 'vitest';
import { createLog } from '../../src/logger.js';

function logged(fields: object): string {
  const lines: string[] = [];
  createLog('info', { write: (line) => lines.push(line) }).warn(fields, 'something failed');
  return lines.join('');
}

describe('errors in the log', () => {
  test.each(['err', 'error'])('lose what a library hung on them, under the key %s', (key) => {
    const hung = { config: { headers: { authorization: 'Bearer abc' } }, body: 'what a person wrote' };
    const line = logged({ [key]: Object.assign(new Error('no answer'), hung) });
    expect(line).toContain('no answer');
    expect(line).not.toContain('abc');
    expect(line).not.toContain('what a person wrote');
  });

  test.each([
    ['cannot parse postgresql://parley:hunter22@db.example:5432/x', 'hunter22'],
    ['POST https://discord.com/api/v10/webhooks/42/aW50ZXJhY3Rpb24/messages', 'aW50ZXJhY3Rpb24'],
    ['POST https://discord.com/api/v10/interactions/42/aW50ZXJhY3Rpb24/callback', 'aW50ZXJhY3Rpb24'],
    ['POST https://hooks.slack.com/commands/T1/2/s3cr3t failed', 's3cr3t'],
    ['the token xoxb-1234-abcd is dead', 'xoxb-1234-abcd'],
    ['header authorization: Bearer abcdefghijklmnopqrst', 'abcdefghijklmnopqrst'],
    ['Unexpected token \'I\', "I feel \nill" is not valid JSON', 'feel'],
  ])('lose secrets and texts in their sentences: %s', (message, secret) => {
    const line = logged({ err: new Error('outer', { cause: new Error(message) }) });
    expect(line).toContain('outer');
    expect(line).toContain('hidden');
    expect(line).not.toContain(secret);
  });

  test('are written also where an error is its own cause', () => {
    const error = new Error('a circle');
    error.cause = error;
    expect(logged({ err: error })).toContain('a circle');
  });
});
