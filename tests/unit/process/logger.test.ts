import { describe, expect, test } from 'vitest';
import { ExpectedFailure } from '../../../src/domain/failure.js';
import { createLog } from '../../../src/process/logger.js';
import { readableLog } from '../../../src/process/readable-log.js';

function logged(fields: object, level = 'info'): string {
  const lines: string[] = [];
  createLog(level, { write: (line) => lines.push(line) }).warn(fields, 'something failed');
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

describe('a planned failure in the log', () => {
  const failure = new ExpectedFailure('setup', 'Do this.', { cause: new Error('ENOENT') });

  test('is its sentence and those of its causes, without a stack', () => {
    const { err } = JSON.parse(logged({ err: failure }));
    expect(err).toEqual({
      type: 'ExpectedFailure',
      message: 'Do this.',
      kind: 'setup',
      cause: { type: 'Error', message: 'ENOENT' },
    });
  });

  test('has its stack at debug, as a bug has at any level', () => {
    expect(JSON.parse(logged({ err: failure }, 'debug')).err.stack).toContain('logger.test');
    expect(JSON.parse(logged({ err: new Error('oops') })).err.stack).toContain('logger.test');
  });
});

describe('the log on a terminal', () => {
  const read = (fields: object, message = 'something failed', colours = false) => {
    const written: string[] = [];
    createLog(
      'info',
      readableLog((text) => written.push(text), colours),
    ).warn(fields, message);
    return written.join('');
  };

  test('is a line with the time of day, the level, the sentence, and the fields', () => {
    expect(read({ model: 'small', reason: 'it is gone', tries: 3 })).toMatch(
      /^\d\d:\d\d:\d\d warn {2}something failed model=small reason="it is gone" tries=3\n$/,
    );
  });

  test('shows a bug with its stack below, and hides the same secrets', () => {
    const text = read({ err: new Error('outer', { cause: new Error('the token xoxb-1-2 is dead') }) });
    expect(text).toMatch(/something failed\n {4}Error: outer\n {8}at /);
    expect(text).toContain('because of Error: the token [hidden] is dead');
  });

  test('has colours only where they are wanted', () => {
    expect(read({}, 'x', true)).toContain('\u001b[33mwarn');
    expect(read({}, 'x')).not.toContain('\u001b');
  });

  test('lets nothing in a name or sentence steer the terminal', () => {
    const text = read({ model: 'a\u001b]0;title\u0007', err: new Error('b\u001b[2J\rc') }, 'd\u009b2Je');
    expect(text).not.toMatch(/[^\P{Cc}\n]/u);
  });
});
