import pg from 'pg';
import { describe } from 'vitest';
import { createJobQueue } from '../../../src/queue/job-queue.js';
import { postgresBackend } from '../../../src/queue/postgres-backend.js';
import { holdJob } from '../../doubles/queue/held-job.js';
import { addRawJob } from '../../doubles/queue/raw-job.js';
import { RecordedLog } from '../../doubles/recorders/recorded-log.js';
import { TcpProxy } from '../../doubles/servers/tcp-proxy.js';
import { freshDatabase } from '../../doubles/storage/fresh-database.js';
import { testDatabaseUrl } from '../../fixtures/test-servers.js';
import { describeJobQueue } from './job-queue.js';
import { dedupeIdOf, type JobQueueHarness, testPayload } from './job-queue-setting.js';

const url = testDatabaseUrl();

describe.skipIf(!url)('with DATABASE_URL', () => {
  describeJobQueue('PostgreSQL', () => openOnPostgres(url ?? ''));
});

async function openOnPostgres(serverUrl: string): Promise<JobQueueHarness> {
  const database = await freshDatabase(serverUrl);
  const log = new RecordedLog();
  const pool = openPool(database.url, 60_000);
  const backend = postgresBackend(pool);
  const proxied = new URL(database.url);
  const proxy = await TcpProxy.open(proxied.hostname, Number(proxied.port || 5432));
  proxied.hostname = '127.0.0.1';
  proxied.port = String(proxy.port);
  const breakablePool = openPool(proxied.href, 2_000);
  const breakable = postgresBackend(breakablePool);
  return {
    log,
    queue: (name, options) => createJobQueue(name, testPayload, dedupeIdOf, backend, log, options),
    async addRaw(name, data) {
      await backend.ready();
      await addRawJob(pool, name, data);
    },
    outage: {
      queue: (name) => createJobQueue(name, testPayload, dedupeIdOf, breakable, log),
      cut: () => proxy.cut(),
      freeze: () => proxy.freeze(),
      restore: () => proxy.restore(),
    },
    holder: (name) => holdJob('postgres', database.url, '-', name),
    async close() {
      await Promise.all([breakablePool.end(), pool.end()]);
      await proxy.cut();
      await database.drop();
    },
  };
}

function openPool(connectionString: string, connectionTimeoutMillis: number): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    connectionTimeoutMillis,
    options: '-c search_path=bullmq',
  });
  return pool.on('error', () => {});
}
