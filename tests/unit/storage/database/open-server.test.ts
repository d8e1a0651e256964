import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../../src/process/system-clock.js';
import { openServer } from '../../../../src/storage/database/open-server.js';
import { awaitCondition } from '../../../doubles/await-condition.js';
import { FakeClock } from '../../../doubles/clocks/fake-clock.js';
import { RecordedLog } from '../../../doubles/recorders/recorded-log.js';
import { TcpProxy } from '../../../doubles/servers/tcp-proxy.js';
import { freshDatabase } from '../../../doubles/storage/fresh-database.js';
import { incoming, newChannel } from '../../../fixtures/incoming-message.js';
import { openTurns } from '../../../fixtures/open-turns.js';
import { testDatabaseUrl } from '../../../fixtures/test-servers.js';

const serverUrl = testDatabaseUrl() ?? '';

/** A port where nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

test('waits 30 s for a server that does not answer, then says so without the password', async () => {
  const clock = new FakeClock();
  const log = new RecordedLog();
  const url = `postgres://parley:hush@127.0.0.1:${await closedPort()}/parley`;
  let failed = false;
  const failure = openServer({ url, clock, log }).catch((error: unknown) => {
    failed = true;
    return error;
  });
  while (!failed) {
    await awaitCondition(() => failed || clock.sleeping > 0, 1);
    await clock.advance(1000);
  }
  expect(await failure).toMatchObject({
    kind: 'setup',
    retryable: true,
    message: expect.stringContaining('ECONNREFUSED'),
  });
  expect(JSON.stringify(log.lines)).not.toContain('hush');
  expect(log.lines).toHaveLength(30);
});

test('stops waiting when told to', async () => {
  const clock = new FakeClock();
  const stopping = new AbortController();
  const url = `postgres://parley@127.0.0.1:${await closedPort()}/parley`;
  const opening = openServer({ url, clock, log: new RecordedLog(), signal: stopping.signal });
  await awaitCondition(() => clock.sleeping > 0);
  stopping.abort(new Error('enough'));
  await expect(opening).rejects.toThrow('enough');
});

/** A database behind a network that a test can take away. */
async function openProxied(options: { readonly connections?: number; readonly statementMs?: number } = {}) {
  const fresh = await freshDatabase(serverUrl);
  const url = new URL(fresh.url);
  const proxy = await TcpProxy.open(url.hostname, Number(url.port || 5432));
  url.hostname = '127.0.0.1';
  url.port = String(proxy.port);
  const database = await openServer({
    ...options,
    url: url.href,
    clock: systemClock,
    log: new RecordedLog(),
  });
  const close = async () => {
    await database.stop();
    await proxy.cut();
    await fresh.drop();
  };
  return { url: fresh.url, proxy, database, close };
}

describe.skipIf(serverUrl === '')('with DATABASE_URL', () => {
  test('does not wait for a database that does not exist', async () => {
    const url = new URL(serverUrl);
    url.pathname = '/parley_nowhere';
    const opening = openServer({ url: url.href, clock: new FakeClock(), log: new RecordedLog() });
    await expect(opening).rejects.toMatchObject({ kind: 'setup', retryable: false });
  });

  test('a store fails retryably while the server is out of reach, and works again after', async () => {
    const { proxy, database, close } = await openProxied();
    try {
      const turns = openTurns(database.prisma);
      const message = incoming(newChannel());
      const { conversationId } = await turns.recorder.record(message, 'channel');
      await proxy.cut();
      for (const call of [
        () => turns.recorder.record(message, 'channel'),
        () => turns.claims.claimNext(conversationId, 'worker', 1000),
        () => turns.lookup.find(1),
        () => turns.control.requestStop(1),
      ]) {
        await expect(call()).rejects.toMatchObject({ kind: 'setup', retryable: true });
      }
      await proxy.restore();
      expect(await turns.recorder.record(message, 'channel')).toMatchObject({
        created: false,
        conversationId,
      });
    } finally {
      await close();
    }
  });

  test('a store works again soon after the server vanished without a word and another took its place', async () => {
    const { proxy, database, close } = await openProxied({ connections: 1, statementMs: 1_000 });
    try {
      const turns = openTurns(database.prisma);
      const { conversationId } = await turns.recorder.record(incoming(newChannel()), 'channel');
      for (const call of [
        () => turns.lookup.find(1),
        () => turns.claims.claimNext(conversationId, 'worker', 1_000),
      ]) {
        proxy.strand();
        await expect(call()).rejects.toMatchObject({ kind: 'setup', retryable: true });
        expect(await turns.lookup.find(1)).toMatchObject({ conversationId });
      }
    } finally {
      await close();
    }
  });

  test('a message whose recording waits for a lock for too long is worth another try', async () => {
    const { url, database, close } = await openProxied({ statementMs: 1_000 });
    const other = new pg.Client({ connectionString: url });
    try {
      const turns = openTurns(database.prisma);
      const channel = newChannel();
      await turns.recorder.record(incoming(channel), 'channel');
      await other.connect();
      await other.query('BEGIN');
      await other.query('SELECT id FROM conversation FOR UPDATE');
      const message = incoming(channel);
      await expect(turns.recorder.record(message, 'channel')).rejects.toMatchObject({
        kind: 'setup',
        retryable: true,
      });
      await other.end();
      expect(await turns.recorder.record(message, 'channel')).toMatchObject({ created: true });
    } finally {
      await close();
    }
  });

  test('gives the queue connections of their own, whose tables live in the schema bullmq', async () => {
    const fresh = await freshDatabase(serverUrl);
    const database = await openServer({ url: fresh.url, clock: systemClock, log: new RecordedLog() });
    try {
      expect((await database.queuePool.query('SHOW search_path')).rows).toEqual([{ search_path: 'bullmq' }]);
    } finally {
      await database.stop();
      await fresh.drop();
    }
  });
});
