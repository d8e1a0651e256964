import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../../src/process/system-clock.js';
import type { Database } from '../../../../src/storage/database/database.js';
import {
  applyMigrations,
  MIGRATIONS_FOLDER,
  type Migration,
  readMigrations,
} from '../../../../src/storage/database/migrations.js';
import { openServer } from '../../../../src/storage/database/open-server.js';
import { openEmbedded } from '../../../../src/storage/embedded/open-embedded.js';
import { pglitePool } from '../../../../src/storage/embedded/pglite-pool.js';
import { PgliteSession } from '../../../../src/storage/embedded/pglite-session.js';
import { SessionMultiplexer } from '../../../../src/storage/embedded/session-multiplexer.js';
import { RecordedLog } from '../../../doubles/recorders/recorded-log.js';
import { type FreshDatabase, freshDatabase } from '../../../doubles/storage/fresh-database.js';
import { incoming } from '../../../fixtures/incoming-message.js';
import { openTurns } from '../../../fixtures/open-turns.js';
import { testDatabaseUrl } from '../../../fixtures/test-servers.js';

const TABLES = ['conversation', 'message', 'turn', 'part', 'vote', 'place_settings', 'fact'];

/** Where data of an earlier release lies, and how today's build opens it. */
interface Place {
  /** A bare connection, as any build has it. */
  withPool<T>(work: (pool: pg.Pool) => Promise<T>): Promise<T>;
  open(): Promise<Database>;
  remove(): Promise<void>;
}

async function folderPlace(): Promise<Place> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'parley-upgrade-'));
  return {
    async withPool(work) {
      const folder = path.join(dataDir, 'database');
      const session = await PgliteSession.open({ folder, durable: false, dump: null });
      const pool = pglitePool(new SessionMultiplexer((bytes) => session.execute(bytes), 30_000), 1);
      try {
        return await work(pool);
      } finally {
        await pool.end();
        await session.stop();
      }
    },
    open: () => openEmbedded({ dataDir, clock: systemClock, log: new RecordedLog() }),
    remove: () => rm(dataDir, { recursive: true, force: true }),
  };
}

async function serverPlace(serverUrl: string): Promise<Place> {
  const fresh: FreshDatabase = await freshDatabase(serverUrl);
  return {
    async withPool(work) {
      const pool = new pg.Pool({ connectionString: fresh.url, max: 1 });
      try {
        return await work(pool);
      } finally {
        await pool.end();
      }
    },
    open: () => openServer({ url: fresh.url, clock: systemClock, log: new RecordedLog() }),
    remove: () => fresh.drop(),
  };
}

async function rowsOf(pool: pg.Pool): Promise<Record<string, readonly object[]>> {
  const rows: Record<string, readonly object[]> = {};
  for (const table of TABLES) {
    rows[table] = (await pool.query<object>(`SELECT * FROM ${table} ORDER BY 1, 2`)).rows;
  }
  return rows;
}

const migrations = await readMigrations(MIGRATIONS_FOLDER);
const releases = migrations
  .slice(0, -1)
  .map(({ name }, index) => ({ name, known: migrations.slice(0, index + 1) }));
// The embedded database takes seconds to be made, so there the first and the last are enough.
const tried = testDatabaseUrl() ? releases : [...releases.slice(0, 1), ...releases.slice(-1)];

describe.each(tried)('data of the release whose last migration was $name', ({ known }) => {
  let place: Place;
  let before: Record<string, readonly object[]>;
  beforeEach(async () => {
    const url = testDatabaseUrl();
    place = await (url ? serverPlace(url) : folderPlace());
    before = await place.withPool((pool) => writtenBy(known, pool));
  });
  afterEach(() => place.remove());

  /** The first release's rows, brought to the schema of a later one by itself. */
  async function writtenBy(release: readonly Migration[], pool: pg.Pool) {
    await applyMigrations(pool, release.slice(0, 1));
    await pool.query(await readFile(path.join('tests', 'fixtures', 'first-release.sql'), 'utf8'));
    await applyMigrations(pool, release);
    return rowsOf(pool);
  }

  test('is all there under today’s build, which goes on with it, and an older build refuses it', async () => {
    const database = await place.open();
    try {
      const after = await rowsOf(database.pool);
      for (const table of TABLES) {
        expect(before[table]?.length, table).toBeGreaterThan(0);
        expect(after[table], table).toMatchObject([...(before[table] ?? [])]);
      }
      const turns = openTurns(database.prisma);
      const left = await turns.claims.claimNext(1, 'today', 60_000);
      expect(left).toMatchObject({ id: 5, attempt: 2, text: 'Still there?', parts: [{ messageId: '905' }] });
      expect(await turns.claims.claimNext(2, 'today', 60_000)).toMatchObject({ id: 3, text: 'Hello?' });
      expect((await turns.lookup.find(1))?.outcome).toMatchObject({ reply: 'A tower with a light.' });
      const address = {
        platform: 'discord',
        app: 'app',
        workspace: 'guild',
        channel: 'new',
        kind: 'channel',
      } as const;
      expect(await turns.recorder.record(incoming(address), 'channel')).toMatchObject({
        turnId: 6,
        created: true,
      });
    } finally {
      await database.stop();
    }
    await place.withPool(async (pool) => {
      const rows = await rowsOf(pool);
      await expect(applyMigrations(pool, known)).rejects.toMatchObject({
        kind: 'setup',
        retryable: false,
        message: expect.stringMatching(
          /^the database is newer than this build: .* Start the newer build, or restore a backup$/,
        ),
      });
      expect(await rowsOf(pool)).toEqual(rows);
    });
  });
});
