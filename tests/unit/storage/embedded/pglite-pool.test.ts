import { once } from 'node:events';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pglitePool } from '../../../../src/storage/embedded/pglite-pool.js';
import { PgliteSession } from '../../../../src/storage/embedded/pglite-session.js';
import { SessionMultiplexer } from '../../../../src/storage/embedded/session-multiplexer.js';

const IDLE_TRANSACTION_MS = 300;

let session: PgliteSession;
let pool: pg.Pool;

beforeAll(async () => {
  session = await PgliteSession.open({ folder: null, durable: false, dump: null });
  pool = pglitePool(new SessionMultiplexer((bytes) => session.execute(bytes), IDLE_TRANSACTION_MS), 30);
  await pool.query('CREATE TABLE number (n int PRIMARY KEY)');
});

afterAll(async () => {
  await pool.end();
  await session.stop();
});

test('gives each of many queries at once its own answer', async () => {
  const answers = await Promise.all(
    Array.from({ length: 100 }, async (_, n) => (await pool.query('SELECT $1::int AS n', [n])).rows[0].n),
  );
  expect(answers).toEqual(Array.from({ length: 100 }, (_, n) => n));
});

test('goes on after a query that fails', async () => {
  await expect(pool.query('SELECT nothing_like_it')).rejects.toThrow(/nothing_like_it/);
  await expect(pool.query('SELECT $1::int', ['not a number'])).rejects.toThrow(/not a number/);
  expect((await pool.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
});

test('lets connections name different statements alike, and run them again', async () => {
  const clients = [await pool.connect(), await pool.connect()];
  for (const round of [1, 2]) {
    for (const [i, client] of clients.entries()) {
      const { rows } = await client.query({
        name: 'same',
        text: `SELECT $1::int * ${i} AS n`,
        values: [round],
      });
      expect(rows).toEqual([{ n: round * i }]);
    }
  }
  for (const client of clients) client.release();
});

test('keeps others out of an open transaction', async () => {
  const client = await pool.connect();
  await client.query('BEGIN');
  await client.query('INSERT INTO number VALUES (1)');
  const others = pool.query('SELECT count(*)::int AS count FROM number WHERE n = 1');
  await client.query('ROLLBACK');
  client.release();
  expect((await others).rows).toEqual([{ count: 0 }]);
});

test('rolls back what a closed connection left open', async () => {
  const client = await pool.connect();
  await client.query('BEGIN');
  await client.query('INSERT INTO number VALUES (2)');
  client.release(true);
  expect((await pool.query('SELECT n FROM number WHERE n = 2')).rows).toEqual([]);
});

test('rolls back a transaction whose connection was closed while it began', async () => {
  const client = await pool.connect();
  const begun = client.query('BEGIN; INSERT INTO number VALUES (3)').catch(() => 'closed');
  client.release(true);
  expect(await begun).toBe('closed');
  expect((await pool.query('SELECT n FROM number WHERE n = 3')).rows).toEqual([]);
});

test('cuts off a connection that leaves its transaction idle', async () => {
  const client = await pool.connect();
  const failed = once(client, 'error');
  client.on('error', () => undefined); // pg reports it once more when the stream closes
  await client.query('BEGIN');
  const waiting = pool.query('SELECT 1 AS n');
  expect((await failed)[0]).toMatchObject({ message: expect.stringContaining('idle') });
  expect((await waiting).rows).toEqual([{ n: 1 }]);
  client.release(true);
});

test('carries notifications to a connection that listens', async () => {
  const client = await pool.connect();
  await client.query('LISTEN news');
  const heard = once(client, 'notification');
  await pool.query("SELECT pg_notify('news', 'rain')");
  expect((await heard)[0]).toMatchObject({ channel: 'news', payload: 'rain' });
  client.release();
});

test('leaves the event loop free while a query runs', async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 10);
  await pool.query("SELECT count(*) FROM generate_series(1, 3000000) AS n WHERE n::text LIKE '%9'");
  clearInterval(timer);
  expect(turns).toBeGreaterThan(5);
});
