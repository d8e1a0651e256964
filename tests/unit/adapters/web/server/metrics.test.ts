import { request } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { createHealthServer } from '../../../../../adapters/web/server/health-server.js';
import { FakeClock } from '../../../../doubles/clocks/fake-clock.js';
import { RecordedLog } from '../../../../doubles/recorders/recorded-log.js';
import { openWeb } from '../open-web.js';

const KEY = 'a-key-of-the-operator';
const METRICS = { contentType: 'text/plain; version=0.0.4', text: 'parley_queue_depth 0\n' };

async function webServer(apiKey?: string) {
  const open = await openWeb(apiKey === undefined ? {} : { apiKey });
  onTestFinished(() => open.close());
  return open.url;
}

async function healthServer(apiKey?: string) {
  const server = createHealthServer({
    readiness: async () => [],
    metrics: async () => METRICS,
    clock: new FakeClock(),
    log: new RecordedLog(),
    ...(apiKey === undefined ? {} : { apiKey }),
  });
  onTestFinished(() => server.stop());
  return (await server.listen({ host: '127.0.0.1', port: 0 })).url;
}

const bearer = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });

test.each([
  ['the API', webServer],
  ['the health server', healthServer],
])('%s serves metrics to who has the key', async (_name, serve) => {
  const url = await serve(KEY);
  const read = await fetch(`${url}/metrics`, bearer(KEY));
  expect(read.status).toBe(200);
  expect(read.headers.get('content-type')).toBe(METRICS.contentType);
  expect(await read.text()).toBe(METRICS.text);
  expect((await fetch(`${url}/metrics`)).status).toBe(401);
  expect((await fetch(`${url}/metrics`, bearer('another-key'))).status).toBe(401);
});

test.each([
  ['the API', webServer],
  ['the health server', healthServer],
])('%s serves metrics to this machine alone where there is no key', async (_name, serve) => {
  const url = await serve();
  expect((await fetch(`${url}/metrics`)).status).toBe(200);
  const rebound = await new Promise((resolve, reject) => {
    const headers = { host: `evil.example:${new URL(url).port}` };
    const sent = request(`${url}/metrics`, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.once('error', reject);
    sent.end();
  });
  expect(rebound).toBe(403);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});
