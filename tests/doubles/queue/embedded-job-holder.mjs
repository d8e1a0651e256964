// A process that opens the embedded database in a folder, adds a job, takes it and holds it until it is killed.
// Plain Node runs it, on the compiled code. Argument: the folder. Says `holding` once it has the job.
import process from 'node:process';
import { z } from 'zod';
import { systemClock } from '../../../build/src/process/system-clock.js';
import { createJobQueue } from '../../../build/src/queue/job-queue.js';
import { postgresBackend } from '../../../build/src/queue/postgres-backend.js';
import { openEmbedded } from '../../../build/src/storage/embedded/open-embedded.js';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const database = await openEmbedded({ dataDir: process.argv[2], clock: systemClock, log });
const backend = postgresBackend(database.queuePool);
const payload = z.object({ id: z.number() });
const queue = createJobQueue('held', payload, ({ id }) => `test-${id}`, backend, log, {
  addTimeoutMs: 60_000,
});
await queue.add({ id: 9 });
queue.work(
  async () => {
    process.stdout.write('holding\n');
    await new Promise(() => {});
  },
  { concurrency: 1 },
);
