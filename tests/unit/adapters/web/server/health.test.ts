import { expect, onTestFinished, test } from 'vitest';
import type { ReadinessCheck } from '../../../../../adapters/web/server/health-routes.js';
import { openWeb } from '../open-web.js';
import { until } from '../scripted-bot.js';

async function opened(readiness: () => Promise<readonly ReadinessCheck[]>) {
  const open = await openWeb({ readiness });
  onTestFinished(() => open.close());
  return open;
}

test('it is alive whatever else is down', async () => {
  const { send } = await opened(() => Promise.reject(new Error('down')));
  const response = await send('GET', '/healthz');
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ status: 'ok' });
});

test('it is ready when every check is well', async () => {
  const checks = [
    { name: 'database', ok: true },
    { name: 'queue', ok: true },
  ];
  const { send } = await opened(async () => checks);
  expect(await (await send('GET', '/readyz')).json()).toEqual({ ready: true, checks });
});

test('it is not ready, with the reason, when one is not', async () => {
  const checks = [
    { name: 'database', ok: true },
    { name: 'queue', ok: false, reason: 'Redis does not answer.' },
  ];
  const { send } = await opened(async () => checks);
  const response = await send('GET', '/readyz');
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({ ready: false, checks });
});

test('it is not ready when a check throws, and tells no secret', async () => {
  const { send } = await opened(() => Promise.reject(new Error('postgres://user:secret@db')));
  const response = await send('GET', '/readyz');
  expect(response.status).toBe(503);
  expect(await response.text()).not.toContain('secret');
});

test('it is not ready when a check hangs', async () => {
  const { send, clock } = await opened(() => new Promise(() => {}));
  const asked = send('GET', '/readyz');
  await until(() => clock.sleeping === 1);
  await clock.advance(3_000);
  expect((await asked).status).toBe(503);
});
