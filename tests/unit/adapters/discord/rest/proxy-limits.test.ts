import { once } from 'node:events';
import { connect } from 'node:net';
import { REST } from '@discordjs/rest';
import { expect, onTestFinished, test } from 'vitest';
import {
  type ConnectionLimits,
  proxyKey,
  serveRestProxy,
} from '../../../../../adapters/discord/rest/rest-proxy.js';
import { RecordedLog } from '../../../../doubles/recorders/recorded-log.js';
import { exchangeBytes } from '../../../../doubles/servers/exchange-bytes.js';

const TOKEN = 'a.bot.token';

async function listen(limits: ConnectionLimits): Promise<number> {
  const options = { token: TOKEN, rest: new REST(), host: '127.0.0.1', port: 0, log: new RecordedLog() };
  const proxy = await serveRestProxy({ ...options, limits });
  onTestFinished(() => proxy.stop());
  return proxy.port;
}

const POST = 'POST /api/v10/channels/1/messages HTTP/1.1\r\nHost: x\r\n';

test('a client of the Discord proxy that never ends its headers is sent away', async () => {
  const port = await listen({ headersMs: 60, bodyMs: 120, connections: 10 });
  expect(await exchangeBytes(port, `${POST}X-`)).toContain('408');
});

test('nor does one wait that shows the key and never ends its body', async () => {
  const port = await listen({ headersMs: 60, bodyMs: 120, connections: 10 });
  const key = `x-parley-proxy-key: ${proxyKey(TOKEN)}\r\nContent-Length: 50\r\n\r\nhalf`;
  expect(await exchangeBytes(port, POST + key)).toMatch(/^HTTP\/1\.1 (408|502) /);
});

test('more connections than are allowed are not taken', async () => {
  const port = await listen({ headersMs: 10_000, bodyMs: 10_000, connections: 1 });
  const first = connect(port, '127.0.0.1');
  onTestFinished(() => void first.destroy());
  await once(first, 'connect');
  first.write(POST);
  expect(await exchangeBytes(port, `${POST}\r\n`)).toBe('');
});
