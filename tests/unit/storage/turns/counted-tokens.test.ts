import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HOUR_MS } from '../../../../src/domain/time/duration.js';
import type { Database } from '../../../../src/storage/database/database.js';
import { MIGRATIONS_FOLDER } from '../../../../src/storage/database/migrations.js';
import { PrismaUsageStore } from '../../../../src/storage/turns/usage-store.js';
import { generated, incoming, newAuthor, newChannel } from '../../../fixtures/incoming-message.js';
import { openTestDatabase } from '../../../fixtures/open-test-database.js';
import { openTurns } from '../../../fixtures/open-turns.js';

const MIGRATION = '20261121093108_author_usage';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database?.stop());

test('an upgrade counts what each author used within the day before, turn by turn', async () => {
  const { pool, prisma } = database;
  const [ada, ben] = [newAuthor(), newAuthor()];
  await pool.query('ALTER TABLE turn DROP COLUMN tokens_before; DROP TABLE author_usage');
  await pool.query(
    `INSERT INTO conversation (id, key, platform, app, workspace, channel, kind)
     VALUES (-1, 'an earlier one', 'web', 'app', '-', 'hall', 'channel')`,
  );
  const earlier = [
    { author: ada, hoursAgo: 30, tokens: 1_000_000 },
    { author: ada, hoursAgo: 20, tokens: 400 },
    { author: ben, hoursAgo: 15, tokens: 7 },
    { author: ada, hoursAgo: 10, tokens: 50 },
    { author: ada, hoursAgo: 2, tokens: 3 },
  ];
  for (const [i, { author, hoursAgo, tokens }] of earlier.entries())
    await pool.query(
      `WITH said AS (
         INSERT INTO message (key, platform, channel, author_key, author_id, author_name, text)
         VALUES ($1, 'web', 'hall', $2, $2, 'Ada', 'How are you?') RETURNING id
       )
       INSERT INTO turn (conversation_id, message_id, author_key, state, target, prompt_tokens, reply_tokens,
                         replaced_tokens, created_at)
       SELECT -1, said.id, $2, 'done', '{}', $3::int - 3, 1, 2, now() - make_interval(hours => $4) FROM said`,
      [`earlier/${i}`, author.key, tokens, hoursAgo],
    );
  await pool.query(await readFile(path.join(MIGRATIONS_FOLDER, MIGRATION, 'migration.sql'), 'utf8'));

  const usage = new PrismaUsageStore(prisma);
  const tokens = async (author: { key: string }, hours: number) =>
    (await usage.recent(author.key, 0, hours * HOUR_MS)).tokens;
  expect(await Promise.all([24, 12, 5, 1].map((hours) => tokens(ada, hours)))).toEqual([453, 53, 3, 0]);
  expect(await tokens(ben, 24)).toBe(7);

  const turns = openTurns(prisma);
  const { conversationId } = await turns.recorder.record(incoming(newChannel(), { author: ada }), 'channel');
  const turn = await turns.claims.claimNext(conversationId, 'worker', 60_000);
  if (!turn) throw new Error('nothing to claim');
  await turns.claims.finish(turn, { state: 'done', ...generated('Fine.') });
  expect(await Promise.all([24, 5, 1].map((hours) => tokens(ada, hours)))).toEqual([480, 30, 27]);
});
