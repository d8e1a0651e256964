import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { composeQueue } from '../../../src/compose/queue.js';
import { loadConfig } from '../../../src/config/load-config.js';
import { systemClock } from '../../../src/process/system-clock.js';
import { RecordedLog } from '../../doubles/recorders/recorded-log.js';
import { openMemoryDatabase } from '../../fixtures/open-memory-database.js';

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

test('a database that gives no answer holds a start up no longer than the limit', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.on('connection', (socket) => onTestFinished(() => void socket.destroy()));
  onTestFinished(() => void server.close());
  const { database, log } = await queueInDatabase();
  const queuePool = new pg.Pool({ host: '127.0.0.1', port });
  const config = await loadConfig({ env: {}, cwd: tmpdir() });
  const queue = composeQueue(config, { ...database, queuePool }, { clock: systemClock, log });
  await queue.prepare(50);
  expect(log.lines.map(({ message }) => message)).toEqual(['the queue is not ready yet']);
});
