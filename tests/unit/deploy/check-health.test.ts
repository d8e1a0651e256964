import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { PACKAGE_ROOT } from '../../../src/process/compiled-entry.js';

async function serve(status: number): Promise<number> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(request.url === '/healthz' ? status : 404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

async function check(env: Readonly<Record<string, string>>): Promise<number | null> {
  const script = path.join(PACKAGE_ROOT, 'deploy', 'check-health.mjs');
  const child = spawn(process.execPath, [script], { env, stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  return code;
}

test('a process that answers is healthy, on whatever address it listens', async () => {
  const PARLEY_PORT = String(await serve(200));
  expect(await check({ PARLEY_PORT })).toBe(0);
  expect(await check({ PARLEY_PORT, PARLEY_HOST: '0.0.0.0' })).toBe(0);
  expect(await check({ PARLEY_PORT, PARLEY_HOST: '127.0.0.1' })).toBe(0);
});

test('one that answers badly, or not at all, is not', async () => {
  expect(await check({ PARLEY_PORT: String(await serve(500)) })).toBe(1);
  expect(await check({ PARLEY_PORT: '1' })).toBe(1);
});
