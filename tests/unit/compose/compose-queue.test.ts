import { tmpdir } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { composeQueue } from '../../../src/compose-queue.js';
import { loadConfig } from '../../../src/config/load-config.js';
import { systemClock } from '../../../src/system-clock.js';
import { RecordedLog } from '../../doubles/recorded-log.js';
import { openMemoryDatabase } from '../../fixtures/open-test-database.js';

async function queueInDatabase() {
  const database = await openMemoryDatabase();
  onTestFinished(() => database.stop());
  const log = new RecordedLog();
  const config = await loadConfig({ env: {}, cwd: tmpdir() });
  return { database, log, queue: composeQueue(config, database, { clock: systemClock, log }) };
}

test('a queue in the database has its tables before the first message', async () => {
  const { database, queue } = await queueInDatabase();
  await queue.prepare();
  const { rows } = await database.pool.query("SELECT to_regclass('bullmq.job') IS NOT NULL AS made");
  expect(rows).toEqual([{ made: true }]);
});

test('a queue whose tables cannot be made says so, and holds nothing up', async () => {
  const { database, log, queue } = await queueInDatabase();
  await database.stop();
  await queue.prepare();
  expect(log.lines.map(({ message }) => message)).toEqual(['the queue is not ready yet']);
});
