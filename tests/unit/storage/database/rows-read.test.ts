import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Address } from '../../../../src/domain/address.js';
import { systemClock } from '../../../../src/process/system-clock.js';
import type { Database } from '../../../../src/storage/database/database.js';
import { openServer } from '../../../../src/storage/database/open-server.js';
import { maintain } from '../../../../src/storage/embedded/maintenance.js';
import { openEmbedded } from '../../../../src/storage/embedded/open-embedded.js';
import { PrismaMemoryStore } from '../../../../src/storage/memory/memory-store.js';
import { PrismaApiKeyStore } from '../../../../src/storage/settings/api-key-store.js';
import { RecordedLog } from '../../../doubles/recorders/recorded-log.js';
import { freshDatabase } from '../../../doubles/storage/fresh-database.js';
import { ADA, generated, incoming, newAuthor, newChannel } from '../../../fixtures/incoming-message.js';
import { openTurns, type Turns } from '../../../fixtures/open-turns.js';
import { testDatabaseUrl } from '../../../fixtures/test-servers.js';

/** Rows and index entries of `turn` that one step may read, where thousands are stored. */
const FEW = 100;
const STORED = 5_000;

let database: Database;
let drop: () => Promise<void>;

beforeAll(async () => {
  const options = { clock: systemClock, log: new RecordedLog() };
  const url = testDatabaseUrl();
  const fresh = url === null ? null : await freshDatabase(url);
  // One connection: statistics count for the connection that asks for them.
  database = fresh
    ? await openServer({ ...options, url: fresh.url, connections: 1 })
    : await openEmbedded({ ...options, dataDir: null });
  drop = async () => fresh?.drop();
});
afterAll(async () => {
  await database?.stop();
  await drop?.();
});

// Statements are planned once for each connection: the first of them while nothing is stored, and nothing is known of
// what is. The embedded database counts its rows some minutes later.
describe.each([
  // Credentials are looked for once a minute, not with each turn.
  ['planned on empty tables', async () => {}, ['erased']],
  ['planned after the tables were counted', () => maintain(database.pool), []],
] as [string, () => Promise<void>, string[]][])('%s', (_when, count, readAll) => {
  let turns: Turns;
  let memory: PrismaMemoryStore;
  let [long, other] = [newChannel(), newChannel()];

  beforeAll(async () => {
    await database.pool.query('SET plan_cache_mode = force_generic_plan');
    turns = openTurns(database.prisma);
    memory = new PrismaMemoryStore(database.prisma, () => {});
    [long, other] = [newChannel(), newChannel()];
    await takeTurn(newChannel());
  });

  /** What each step of a turn read. */
  async function takeTurn(channel: Address): Promise<Readonly<Record<string, number>>> {
    const recorded = await reads(() => turns.recorder.record(incoming(channel), 'channel'));
    const { conversationId } = recorded.result;
    const claimed = await reads(() => turns.claims.claimNext(conversationId, 'worker', 60_000));
    const turn = claimed.result;
    if (!turn) throw new Error('nothing to claim');
    const remembered = await reads(() => memory.window(conversationId, turn.id, 20));
    const renewed = await reads(() => turns.claims.renew(turn, 60_000));
    const waiting = await reads(() => turns.waiting.take(conversationId, 20));
    const unfinished = await reads(() => turns.lookup.unfinished(conversationId));
    const latest = await reads(() => turns.lookup.latest(conversationId));
    const kept = await reads(() => turns.claims.keepReply(turn, generated('Fine.')));
    const finished = await reads(() => turns.claims.finish(turn, { state: 'done', ...generated('Fine.') }));
    const overdue = await reads(() => turns.upkeep.overdue(5_000, 500));
    const erased = await reads(() => turns.upkeep.eraseCredentials(0, new Date()));
    const steps = { recorded, claimed, remembered, renewed, waiting, unfinished, latest, kept, finished };
    const entries = Object.entries({ ...steps, overdue, erased });
    return Object.fromEntries(entries.map(([step, { read }]) => [step, read]));
  }

  test('a turn of a long conversation reads few turns, whatever others said since', async () => {
    const first = await turns.recorder.record(incoming(long), 'channel');
    const second = await turns.recorder.record(incoming(other), 'channel');
    await multiply([first.turnId, second.turnId], newAuthor().key);
    await count();
    for (const [step, read] of Object.entries(await takeTurn(long)))
      if (!readAll.includes(step)) expect(read, step).toBeLessThan(FEW);
  });

  test('an author who asked thousands of questions today costs no more reading than another', async () => {
    const author = newAuthor();
    const { turnId } = await turns.recorder.record(incoming(newChannel(), { author }), 'channel');
    await multiply([turnId], author.key);
    await count();
    const limits = {
      turns: { withinMs: 60_000, below: 1_000_000 },
      tokens: { withinMs: 86_400_000, below: 1_000_000 },
    };
    const { read } = await reads(() =>
      turns.recorder.record(
        incoming(newChannel(), { author: { ...ADA, key: author.key } }),
        'channel',
        limits,
      ),
    );
    expect(read).toBeLessThan(FEW);
  });

  test('an API key that thousands of questions were asked with today costs no more reading than another', async () => {
    const keys = new PrismaApiKeyStore(database.prisma);
    const made = await keys.make('A program', { turnsPerMinute: 1_000, tokensPerDay: 1_000_000 });
    const apiKey = made?.made.id ?? 0;
    const { turnId } = await turns.recorder.record(incoming(newChannel(), { apiKey }), 'channel');
    const author = newAuthor();
    await multiply([turnId], author.key);
    await database.pool.query('UPDATE turn SET key_id = $1, key_tokens_before = 0 WHERE author_key = $2', [
      apiKey,
      author.key,
    ]);
    await count();
    const asked = incoming(newChannel(), { author: newAuthor(), apiKey });
    const { read } = await reads(() =>
      turns.recorder.record(asked, 'channel', { turns: null, tokens: null }),
    );
    expect(read).toBeLessThan(FEW);
  });
});

/** Stores finished copies of turns, of an hour ago: first all of the first one, then all of the second. */
async function multiply(turnIds: readonly number[], authorKey: string): Promise<void> {
  const { pool } = database;
  await pool.query("UPDATE turn SET state = 'done', reply = 'Fine.' WHERE id = ANY($1::int[])", [turnIds]);
  for (const turnId of turnIds) {
    await pool.query(
      `WITH said AS (
         INSERT INTO message (key, platform, channel, author_key, author_id, author_name, text)
         SELECT $2::text || '/' || $1::int || '/' || n, 'discord', 'channel', $2::text, '1', 'Ada', 'How are you?'
         FROM generate_series(1, $3::int) AS n
         RETURNING id
       )
       INSERT INTO turn (conversation_id, message_id, author_key, state, target, reply, tokens_before, created_at)
       SELECT turn.conversation_id, said.id, $2::text, 'done', turn.target, 'Fine.', 0, now() - interval '1 hour'
       FROM said, turn WHERE turn.id = $1::int`,
      [turnId, authorKey, STORED],
    );
  }
}

/** Runs a step, and counts what it read of the table of turns and of its indexes. */
async function reads<T>(step: () => Promise<T>): Promise<{ readonly read: number; readonly result: T }> {
  const before = await readSoFar();
  const result = await step();
  return { read: (await readSoFar()) - before, result };
}

async function readSoFar(): Promise<number> {
  const { pool } = database;
  await pool.query('SELECT pg_stat_force_next_flush()');
  const { rows } = await pool.query<{ read: string }>(
    `SELECT (SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'turn')
          + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname = 'turn') AS read`,
  );
  return Number(rows[0]?.read);
}
