import { expect, test } from 'vitest';
import { ExpectedFailure } from '../../../src/domain/failure.js';
import { asSetupFailure, reaching } from '../../../src/storage/database-failure.js';

const coded = (code: string) => Object.assign(new Error('failed'), { code });

test.each([
  ['a refused connection', coded('ECONNREFUSED')],
  ['an address tried twice', Object.assign(new AggregateError([coded('ECONNREFUSED')]), { code: undefined })],
  ['a server that is starting', coded('57P03')],
  ['a broken connection', new Error('Connection terminated unexpectedly')],
  [
    'what Prisma wrapped',
    new Error('Raw query failed', { cause: Object.assign({}, { originalCode: '57P01' }) }),
  ],
])('%s is worth another try', (_name, error) => {
  expect(asSetupFailure(error)).toMatchObject({ name: 'ExpectedFailure', kind: 'setup', retryable: true });
});

test('a wrong password is not', () => {
  expect(asSetupFailure(coded('28P01'))).toMatchObject({ kind: 'setup', retryable: false });
});

test('a bug stays a bug', async () => {
  const bug = coded('42P01');
  expect(asSetupFailure(bug)).toBe(bug);
  await expect(reaching(Promise.reject(bug))).rejects.toBe(bug);
});

test('an ExpectedFailure passes through', () => {
  const failure = new ExpectedFailure('setup', 'stopped', { retryable: true });
  expect(asSetupFailure(new Error('query failed', { cause: failure }))).toBe(failure);
});
