import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { watchPool } from '../../../../src/storage/database/pools.js';
import { type BreakableSession, LastingSession } from '../../../../src/storage/embedded/lasting-session.js';
import { pglitePool } from '../../../../src/storage/embedded/pglite-pool.js';
import { PgliteSession } from '../../../../src/storage/embedded/pglite-session.js';
import { SessionMultiplexer } from '../../../../src/storage/embedded/session-multiplexer.js';
import { RecordedLog } from '../../../doubles/recorders/recorded-log.js';
import { prepareDataFolder } from '../../../fixtures/prepared-folder.js';

let parent: string;
beforeAll(async () => {
  parent = await mkdtemp(path.join(tmpdir(), 'parley-session-'));
  await prepareDataFolder(parent);
});
afterAll(() => rm(parent, { recursive: true, force: true }));

/** Answers each batch with its own bytes, until it is told to break. */
class EchoSession implements BreakableSession {
  broken = false;
  abandoned = false;
  stopped = false;

  async execute(bytes: Uint8Array): Promise<Uint8Array> {
    if (this.broken) throw new Error('out of memory');
    return bytes;
  }
  async dump(): Promise<Uint8Array> {
    return new Uint8Array();
  }
  async stop(): Promise<void> {
    this.stopped = true;
  }
  async abandon(): Promise<void> {
    this.abandoned = true;
  }
}

const BATCH = new Uint8Array([1, 2, 3]);

test('fails what ran, tells of the break, and goes on with a new session', async () => {
  const [first, second] = [new EchoSession(), new EchoSession()];
  const log = new RecordedLog();
  let broken = 0;
  const session = new LastingSession(first, async () => second, { log, onBroken: () => broken++ });
  expect(await session.execute(BATCH)).toEqual(BATCH);
  first.broken = true;
  await expect(session.execute(BATCH)).rejects.toThrow('out of memory');
  expect(await session.execute(BATCH)).toEqual(BATCH);
  expect({ broken, abandoned: first.abandoned }).toEqual({ broken: 1, abandoned: true });
  expect(log.lines.map(({ level }) => level)).toEqual(['error']);
  await session.stop();
  expect(second.stopped).toBe(true);
});

test('tries to open again for each batch while opening fails', async () => {
  const first = new EchoSession();
  const opened = [new Error('disk full'), new Error('disk full'), new EchoSession()];
  const open = async () => {
    const next = opened.shift();
    if (next instanceof EchoSession) return next;
    throw next;
  };
  const session = new LastingSession(first, open, { log: new RecordedLog(), onBroken: () => undefined });
  first.broken = true;
  await expect(session.execute(BATCH)).rejects.toThrow('out of memory');
  await expect(session.execute(BATCH)).rejects.toThrow('disk full');
  await expect(session.execute(BATCH)).rejects.toThrow('disk full');
  expect(await session.execute(BATCH)).toEqual(BATCH);
});

test('opens nothing again once it was stopped', async () => {
  const first = new EchoSession();
  const open = () => Promise.reject(new Error('must not be called'));
  const session = new LastingSession(first, open, { log: new RecordedLog(), onBroken: () => undefined });
  await session.stop();
  first.broken = true;
  await expect(session.execute(BATCH)).rejects.toThrow('out of memory');
});

test('a database whose thread dies keeps what was acknowledged, and its pool goes on', async () => {
  const open = () => PgliteSession.open({ folder: path.join(parent, 'database'), durable: true, dump: null });
  const first = await open();
  const log = new RecordedLog();
  const session = new LastingSession(first, open, { log, onBroken: () => multiplexer.reset() });
  const multiplexer = new SessionMultiplexer((bytes) => session.execute(bytes), 30_000);
  const pool = pglitePool(multiplexer, 5);
  watchPool(pool, log);
  try {
    await pool.query('CREATE TABLE number (n int); INSERT INTO number VALUES (1)');
    const inTransaction = await pool.connect();
    await inTransaction.query('BEGIN; INSERT INTO number VALUES (2)');
    await first.abandon();
    await expect(inTransaction.query('COMMIT')).rejects.toThrow();
    inTransaction.release(true);
    expect((await pool.query('SELECT n FROM number')).rows).toEqual([{ n: 1 }]);
  } finally {
    await pool.end();
    await session.stop();
  }
});
