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
import { dedupeIdOf, testPayload } from './job-queue-setting.js';

describeJobQueue('the embedded database', async () => {
  const log = new RecordedLog();
  const database = await openMemoryDatabase();
  const backend = postgresBackend(database.queuePool, true);
  return {
    log,
    queue: (name, options) => createJobQueue(name, testPayload, dedupeIdOf, backend, log, options),
    async addRaw(name, data) {
      await backend.ready();
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
  const queue = createJobQueue(
    'held',
    testPayload,
    dedupeIdOf,
    postgresBackend(database.queuePool, true),
    log,
  );
  await queue.add({ id: 9 });
  const again = deferred<number>();
  const before = performance.now();
  queue.work(async ({ id }) => again.resolve(id), { concurrency: 1 });
  expect(await again.promise).toBe(9);
  // Its lock would have held it for 10 s.
  expect(performance.now() - before).toBeLessThan(5_000);
  await queue.stop();
  await database.stop();
  await rm(dataDir, { recursive: true });
}, 60_000);
