import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { PACKAGE_ROOT } from '../../../../src/process/compiled-entry.js';
import { systemClock } from '../../../../src/process/system-clock.js';
import type { Database } from '../../../../src/storage/database/database.js';
import { lockFolder } from '../../../../src/storage/embedded/folder-lock.js';
import { PgliteSession } from '../../../../src/storage/embedded/pglite-session.js';
import { queryMessage } from '../../../../src/storage/embedded/wire-protocol.js';
import { openDatabase } from '../../../../src/storage/open-database.js';
import { FakeClock } from '../../../doubles/clocks/fake-clock.js';
import { RecordedLog } from '../../../doubles/recorders/recorded-log.js';
import { openTurns } from '../../../fixtures/open-turns.js';

const MAINTENANCE_MS = 5 * 60_000;

let parent: string;
let dataDir: string;
const opened: Database[] = [];
const children: ChildProcess[] = [];

beforeAll(async () => {
  parent = await mkdtemp(path.join(tmpdir(), 'parley-storage-'));
  dataDir = path.join(parent, 'data');
  await (await open()).stop(); // made new once: the tests below are quick
});

afterEach(async () => {
  for (const child of children.splice(0)) await kill(child);
  for (const database of opened.splice(0)) await database.stop();
});

afterAll(() => rm(parent, { recursive: true, force: true }));

async function open(clock = systemClock, log = new RecordedLog()): Promise<Database> {
  const database = await openDatabase({ dataDir, clock, log });
  opened.push(database);
  return database;
}

/** Another process on the same folder, once it has it open. */
async function startRecorder() {
  const child = spawn(
    process.execPath,
    [path.join(PACKAGE_ROOT, 'tests/doubles/storage/turn-recorder.mjs'), dataDir],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  expect((await lines.next()).value).toBe('open');
  return { child, lines };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

test('makes the data folder for this user alone', async () => {
  if (process.platform !== 'win32') expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
});

test('writes through to the disk unless told not to', async () => {
  const { pool } = await open();
  const setting = async (name: string) => Object.values((await pool.query(`SHOW ${name}`)).rows[0])[0];
  expect(await setting('fsync')).toBe('on');
  expect(await setting('wal_sync_method')).toBe('fsync');
  expect(await setting('shared_buffers')).toBe('16MB');
  expect(await setting('search_path')).toBe('public,bullmq');
});

test('loses nothing acknowledged when the process is killed, twice over', async () => {
  const acknowledged: string[] = [];
  for (let round = 0; round < 2; round++) {
    const { child, lines } = await startRecorder();
    for (let n = 0; n < 100; n++) acknowledged.push((await lines.next()).value);
    child.kill('SIGKILL');
    for (let line = await lines.next(); !line.done; line = await lines.next()) {
      if (/^\d+ \d+-\d+$/.test(line.value)) acknowledged.push(line.value);
    }
    await kill(child);
  }
  const { pool, prisma } = await open();
  const { rows } = await pool.query(
    "SELECT turn.id || ' ' || message.key AS line FROM turn JOIN message ON message.id = turn.message_id",
  );
  const stored = new Set(rows.map(({ line }) => line));
  expect(acknowledged.filter((line) => !stored.has(line))).toEqual([]);
  expect(await openTurns(prisma).upkeep.abandonLeases('everyone')).toBe(0);
});

test('refuses a folder that another process has open, and takes it when that one is killed', async () => {
  const { child } = await startRecorder();
  await expect(open()).rejects.toMatchObject({
    name: 'ExpectedFailure',
    kind: 'setup',
    retryable: false,
    message: expect.stringContaining(`data folder ${dataDir} already in use by process ${child.pid}`),
  });
  await kill(child);
  expect((await (await open()).pool.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
});

test('lets one of several at once have the folder', async () => {
  const results = await Promise.allSettled([open(), open(), open()]);
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const result of results) {
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ kind: 'setup' });
  }
});

test('opens again after it was stopped, and stops twice', async () => {
  const first = await open();
  await first.prisma.fact.upsert({ where: { key: 'k' }, create: { key: 'k', value: 'v' }, update: {} });
  await Promise.all([first.stop(), first.stop()]);
  await first.stop();
  expect(await readdir(dataDir)).toEqual(['database']);
  const second = await open();
  expect(await second.prisma.fact.findUnique({ where: { key: 'k' } })).toEqual({ key: 'k', value: 'v' });
});

test('stops within its limit though somebody keeps a connection', async () => {
  const database = await open();
  await database.queuePool.connect();
  await database.stop();
  await expect(database.pool.query('SELECT 1')).rejects.toThrow();
});

test('refuses a database that a newer build has changed', async () => {
  const database = await open();
  await database.pool.query(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at)
     VALUES ('x', 'x', '29990101000000_from_the_future', now())`,
  );
  await database.stop();
  await expect(open()).rejects.toMatchObject({
    kind: 'setup',
    message: expect.stringMatching(/newer than this build.*29990101000000_from_the_future/),
  });
  await takeFutureBack(); // which needs the folder: the refusal left it free
});

test('starts again from a creation that was cut short', async () => {
  const halfMade = path.join(parent, 'half-made');
  await mkdir(path.join(halfMade, 'database.new', 'base'), { recursive: true });
  await writeFile(path.join(halfMade, 'database.new', 'PG_VERSION'), '18');
  const database = await openDatabase({ dataDir: halfMade, clock: systemClock, log: new RecordedLog() });
  expect(await database.prisma.turn.count()).toBe(0);
  await database.stop();
  expect(await readdir(halfMade)).toEqual(['database']);
});

test('says so where the folder cannot be made', async () => {
  const file = path.join(parent, 'file');
  await writeFile(file, '');
  const opening = openDatabase({
    dataDir: path.join(file, 'data'),
    clock: systemClock,
    log: new RecordedLog(),
  });
  await expect(opening).rejects.toMatchObject({
    kind: 'setup',
    message: expect.stringContaining('cannot be made'),
  });
});

test('says so where the database is damaged, and leaves the folder unlocked', async () => {
  const damaged = path.join(parent, 'damaged');
  await mkdir(path.join(damaged, 'database'), { recursive: true });
  await writeFile(path.join(damaged, 'database', 'PG_VERSION'), '18');
  const opening = () => openDatabase({ dataDir: damaged, clock: systemClock, log: new RecordedLog() });
  await expect(opening()).rejects.toMatchObject({
    kind: 'setup',
    message: expect.stringContaining('did not open'),
  });
  await expect(opening()).rejects.toMatchObject({
    kind: 'setup',
    message: expect.stringContaining('did not open'),
  });
});

test('tidies up every few minutes, since nothing else does', async () => {
  const clock = new FakeClock();
  const log = new RecordedLog();
  const { pool } = await open(clock, log);
  const vacuums = async () =>
    (await pool.query("SELECT vacuum_count::int AS n FROM pg_stat_user_tables WHERE relname = 'turn'"))
      .rows[0].n;
  const before = await vacuums();
  await clock.advance(MAINTENANCE_MS);
  // Its next sleep begins when it is done.
  for (let done = clock.sleeping > 0; !done; done = clock.sleeping > 0) await pool.query('SELECT 1');
  expect(await vacuums()).toBe(before + 1);
  expect(log.lines.filter(({ level }) => level !== 'info')).toEqual([]);
});

async function takeFutureBack(): Promise<void> {
  const lock = await lockFolder(dataDir);
  const session = await PgliteSession.open({
    folder: path.join(dataDir, 'database'),
    durable: true,
    dump: null,
  });
  await session.execute(queryMessage("DELETE FROM _prisma_migrations WHERE id = 'x'"));
  await session.stop();
  await lock.release();
}
