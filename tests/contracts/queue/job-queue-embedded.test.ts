import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { PACKAGE_ROOT } from '../../../src/process/compiled-entry.js';
import { systemClock } from '../../../src/process/system-clock.js';
import { createJobQueue } from '../../../src/queue/job-queue.js';
import { postgresBackend } from '../../../src/queue/postgres-backend.js';
import { openEmbedded } from '../../../src/storage/embedded/open-embedded.js';
import { deferred } from '../../doubles/deferred.js';
import { addRawJob } from '../../doubles/queue/raw-job.js';
import { RecordedLog } from '../../doubles/recorders/recorded-log.js';
import { openMemoryDatabase } from '../../fixtures/open-memory-database.js';
import { describeJobQueue } from './job-queue.js';
import { dedupeIdOf, FAST, testPayload } from './job-queue-setting.js';

describeJobQueue('the embedded database', async () => {
  const log = new RecordedLog();
  const database = await openMemoryDatabase();
  const backend = postgresBackend(database.queuePool, true);
  await backend.ready();
  return {
    log,
    queue: (name, options) => createJobQueue(name, testPayload, dedupeIdOf, backend, log, options),
    async addRaw(name, data) {
      await addRawJob(database.queuePool, name, data);
    },
    close: () => database.stop(),
  };
});

test('a job that the embedded database was killed with is taken up at once by the next process', async () => {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'parley-queue-'));
  const script = path.join(PACKAGE_ROOT, 'tests/doubles/queue/embedded-job-holder.mjs');
  const child = spawn(process.execPath, [script, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;

  const log = new RecordedLog();
  const database = await openEmbedded({ dataDir, clock: systemClock, log });
  // Its lock, for an hour: whoever waits for that to run out does not take the job here.
  const { rowCount } = await database.queuePool.query(
    `UPDATE bullmq.job SET locked_until_ms = locked_until_ms + 3600000 WHERE state = 'active'`,
  );
  expect(rowCount).toBe(1);
  const backend = postgresBackend(database.queuePool, true);
  const queue = createJobQueue('held', testPayload, dedupeIdOf, backend, log, FAST);
  await queue.add({ id: 9 });
  const again = deferred<number>();
  queue.work(async ({ id }) => again.resolve(id), { concurrency: 1 });
  expect(await again.promise).toBe(9);
  await queue.stop();
  await database.stop();
  await rm(dataDir, { recursive: true });
});
