import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { compiledEntry } from '../../src/process/compiled-entry.js';

/** A start that hangs is left alone after 4 s; a connection attempt takes 10, waiting for the database 30. */
const SOON_MS = 3_500;

let folder: string;
let servers: Server[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'parley-'));
  servers = [];
  await writeFile(
    path.join(folder, 'parley.config.yaml'),
    'models: { hosted: { endpoint: openai, name: x } }',
  );
});
afterEach(async () => {
  for (const server of servers) server.close();
  await rm(folder, { recursive: true, force: true });
});

/** Takes connections and says nothing: a server behind a network that swallows what it is sent. */
async function silentServer(): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => {}));
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return server;
}

function start(command: string, databasePort: number) {
  const child = spawn(process.execPath, [compiledEntry('src/main'), command], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: `postgresql://parley@127.0.0.1:${databasePort}/parley`,
      REDIS_URL: 'redis://127.0.0.1:1',
      PARLEY_MODEL: 'hosted',
      PARLEY_PORT: '0',
      DISCORD_TOKEN: 'never.used',
    },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let logged = '';
  const waiting = new Promise<void>((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      logged += text;
      if (logged.includes('waiting for the database')) resolve();
    });
  });
  return {
    waiting,
    /** @returns its exit code, and milliseconds until it ended */
    async stop(signal: NodeJS.Signals) {
      const askedAt = performance.now();
      child.kill(signal);
      const [code] = await once(child, 'exit');
      return { code, ms: performance.now() - askedAt, logged };
    },
  };
}

test.each([
  ['start', 'SIGTERM'],
  ['gateway', 'SIGINT'],
] as const)('%s ends soon after %s while it waits for a database that is down', async (command, signal) => {
  const parley = start(command, 1);
  await parley.waiting;
  const { code, ms, logged } = await parley.stop(signal);
  expect(code, logged).toBe(0);
  expect(ms).toBeLessThan(SOON_MS);
});

test('and while a connection to one is under way', async () => {
  const server = await silentServer();
  const connected = once(server, 'connection');
  const parley = start('web', (server.address() as AddressInfo).port);
  await connected;
  const { code, ms, logged } = await parley.stop('SIGTERM');
  expect(code, logged).toBe(0);
  expect(ms).toBeLessThan(SOON_MS);
});
