import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { REST } from '@discordjs/rest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveRestProxy } from '../../../adapters/discord/rest/rest-proxy.js';
import { sdkLogger } from '../../../adapters/slack/client/slack-client.js';
import { HttpEvents } from '../../../adapters/slack/source/http-receiver.js';
import { createHealthServer } from '../../../adapters/web/server/health-server.js';
import { systemClock } from '../../../src/process/system-clock.js';
import { RecordedLog } from '../../doubles/recorders/recorded-log.js';
import { exchangeBytes } from '../../doubles/servers/exchange-bytes.js';
import { openWeb } from './web/open-web.js';

const host = '127.0.0.1';
const clock = systemClock;

interface Listener {
  readonly port: number;
  stop(): Promise<unknown>;
}

/** Everything of Parley that listens on a port, with the numbers it has where nobody gives others. */
const LISTENERS: Readonly<Record<string, () => Promise<Listener>>> = {
  'HTTP API': async () => {
    const web = await openWeb({});
    return { port: Number(new URL(web.url).port), stop: () => web.close() };
  },
  'health and metrics': async () => {
    const metrics = async () => ({ contentType: 'text/plain', text: '' });
    const health = createHealthServer({ readiness: async () => [], metrics, clock, log: new RecordedLog() });
    return { port: (await health.listen({ host, port: 0 })).port, stop: () => health.stop() };
  },
  'Slack over HTTP': async () => {
    const log = new RecordedLog();
    const events = new HttpEvents({ signingSecret: 's', port: 0, host, clock, log, logger: sdkLogger(log) });
    await events.start();
    return { port: events.port, stop: () => events.stop() };
  },
  'Discord proxy': async () => {
    const log = new RecordedLog();
    return serveRestProxy({ token: 't', rest: new REST(), host, port: 0, log });
  },
};

/** Rows of the table in docs/security.md: what listens, and its numbers. */
const documented = new Map(
  readFileSync('docs/security.md', 'utf8')
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter((cells) => Object.hasOwn(LISTENERS, cells[1] ?? ''))
    .map(([, what = '', ...cells]) => [what, cells]),
);

describe.each(Object.keys(LISTENERS))('the port of %s', (what) => {
  let listener: Listener;
  let server: Server;
  beforeAll(async () => {
    listener = await (LISTENERS[what] ?? expect.fail)();
    const seen = new Promise<Server>((resolve) => {
      const note = (message: unknown) => {
        const { server: found } = message as { server: Server };
        unsubscribe('http.server.request.start', note);
        resolve(found);
      };
      subscribe('http.server.request.start', note);
    });
    await fetch(`http://${host}:${listener.port}/nothing-here`);
    server = await seen;
  });
  afterAll(() => listener.stop());

  test('is limited as docs/security.md says', () => {
    const seconds = (ms: number) => `${ms / 1000} s`;
    const [head, headTime, requestTime, idle, connections] = documented.get(what) ?? [];
    expect({ head, headTime, requestTime, idle, connections }).toEqual({
      head: '16 KiB',
      headTime: seconds(server.headersTimeout),
      requestTime: seconds(server.requestTimeout),
      idle: seconds(server.keepAliveTimeout),
      connections: server.maxConnections.toLocaleString('en'),
    });
  });

  test('takes a head of 16 KiB, and none that is longer', async () => {
    const head = (bytes: number) => {
      const start = `GET /nothing-here HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Long: `;
      return `${start}${'x'.repeat(bytes - start.length - 4)}\r\n\r\n`;
    };
    expect(await exchangeBytes(listener.port, head(17_000))).toMatch(/^HTTP\/1\.1 431 /);
    expect(await exchangeBytes(listener.port, head(16_000))).toMatch(/^HTTP\/1\.1 40[14] /);
  });
});
