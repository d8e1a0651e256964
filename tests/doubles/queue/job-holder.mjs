// A process that takes one job and holds it until it is killed. Plain Node runs it, on the compiled code.
// Arguments: `redis URL PREFIX QUEUE` or `postgres URL - QUEUE`. Says `holding` once it has the job.
import process from 'node:process';
import pg from 'pg';
import { z } from 'zod';
import { createJobQueue } from '../../../build/src/queue/job-queue.js';
import { postgresBackend } from '../../../build/src/queue/postgres-backend.js';
import { redisBackend } from '../../../build/src/queue/redis-backend.js';

const [kind, url, prefix, name] = process.argv.slice(2);
const log = { debug() {}, info() {}, warn() {}, error() {} };
const backend =
  kind === 'redis'
    ? redisBackend(url, log, prefix)
    : postgresBackend(new pg.Pool({ connectionString: url, options: '-c search_path=bullmq' }));
const queue = createJobQueue(name, z.object({ id: z.number() }), ({ id }) => `test-${id}`, backend, log);
queue.work(
  async () => {
    process.stdout.write('holding\n');
    await new Promise(() => {});
  },
  { concurrency: 1 },
);
