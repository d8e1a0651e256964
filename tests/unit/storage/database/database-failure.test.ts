import { PrismaPg } from '@prisma/adapter-pg';
import { describe, expect, test } from 'vitest';
import { ExpectedFailure } from '../../../../src/domain/failure.js';
import { asSetupFailure, reaching } from '../../../../src/storage/database/database-failure.js';
import { PrismaClient } from '../../../../src/storage/generated/client.js';
import { TcpProxy } from '../../../doubles/servers/tcp-proxy.js';

const coded = (code: string) => Object.assign(new Error('failed'), { code });

test.each([
  ['a refused connection', coded('ECONNREFUSED')],
  ['an address tried twice', Object.assign(new AggregateError([coded('ECONNREFUSED')]), { code: undefined })],
  ['a server that is starting', coded('57P03')],
  ['a transaction that could not begin in time', coded('P2028')],
  ['a statement that took too long', coded('57014')],
  ['a transaction that lost a conflict', coded('40001')],
  ['a server that became read-only', coded('25006')],
  ['a connection that fell silent', new Error('Query read timeout')],
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

describe('a server that is gone', () => {
  const QUERIES: readonly (readonly [string, (prisma: PrismaClient) => Promise<unknown>])[] = [
    ['a query of Prisma’s', (prisma) => prisma.turn.findFirst()],
    ['a query of ours', (prisma) => prisma.$queryRaw`SELECT 1`],
    ['a transaction', (prisma) => prisma.$transaction([prisma.$queryRaw`SELECT 1`])],
  ];

  test.each(QUERIES)('and refuses connections is worth another try, for %s', async (_name, ask) => {
    const proxy = await TcpProxy.open('127.0.0.1', 9);
    await proxy.cut();
    const connectionString = `postgresql://nobody@127.0.0.1:${proxy.port}/nothing`;
    const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString }) });
    await expect(reaching(ask(prisma))).rejects.toMatchObject({ kind: 'setup', retryable: true });
    await prisma.$disconnect();
  });

  test('and closes connections while it is asked is worth another try, for a query of ours', async () => {
    // Nobody listens on the port behind it: each connection ends at once.
    const proxy = await TcpProxy.open('127.0.0.1', 9);
    const connectionString = `postgresql://nobody@127.0.0.1:${proxy.port}/nothing`;
    const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString }) });
    await expect(reaching(prisma.$queryRaw`SELECT 1`)).rejects.toMatchObject({ retryable: true });
    await prisma.$disconnect();
    await proxy.cut();
  });
});
