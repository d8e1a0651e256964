import { request } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { createDiscordRest } from '../../adapters/discord/rest/rest.js';
import {
  PROXY_KEY_HEADER,
  proxyKey,
  type RestProxy,
  serveRestProxy,
} from '../../adapters/discord/rest/rest-proxy.js';
import { DiscordDouble } from '../doubles/discord/discord-double.js';
import { RecordedLog } from '../doubles/recorders/recorded-log.js';
import { holdsFor } from './holds-for.js';
import { hostileText } from './inputs.js';

let discord: DiscordDouble;
let proxy: RestProxy;
const log = new RecordedLog();
beforeAll(async () => {
  discord = await new DiscordDouble().start();
  const { token, apiUrl } = discord;
  const rest = createDiscordRest({ token, apiUrl, log });
  proxy = await serveRestProxy({ token, rest, host: '127.0.0.1', port: 0, log });
});
afterAll(async () => {
  await proxy.stop();
  await discord.stop();
});

const shown = fc.constantFrom('right', 'none', 'token', 'other', 'cut', 'long', 'twice');
const printable = hostileText(3).map((text) => encodeURIComponent(text.slice(0, 300).toWellFormed()));
const asked = fc.record({
  shown,
  method: fc.constantFrom('GET', 'POST', 'PATCH', 'DELETE', 'PUT', 'OPTIONS'),
  path: fc.oneof(
    fc.constantFrom(
      '/',
      '/api/v9/users/@me',
      '/api/v10',
      '/api/v10x/',
      '//evil.example/api/v10/',
      '/API/v10/users/@me',
    ),
    fc.constantFrom(
      '/api/v10/users/@me',
      '/api/v10/../../x',
      '/api/v10//evil.example/',
      '/api/v10/%2e%2e/%00',
    ),
    printable.map((text) => `/api/v10/${text}`),
    printable.map((text) => `/${text}`),
  ),
  authorization: fc.constantFrom('', 'Bot of the proxy', 'Bearer x', 'Bot other.bot.token'),
  length: fc.constantFrom('right', 'chunked', '1000001', '-1', 'NaN', '9'.repeat(400)),
});
type Asked = typeof asked extends fc.Arbitrary<infer T> ? T : never;

function keyOf(kind: string): string | string[] | undefined {
  const right = proxyKey(discord.token);
  return {
    right,
    token: discord.token,
    other: proxyKey(`${discord.token}x`),
    cut: right.slice(1),
    long: right + right,
    twice: [right, right],
  }[kind];
}

/** Resolves with status and text; 0 where the connection was cut. */
function send({ shown: kind, method, path, authorization, length }: Asked): Promise<[number, string]> {
  const key = keyOf(kind);
  const lengths = { chunked: { 'transfer-encoding': 'chunked' }, right: { 'content-length': 2 } };
  const headers = {
    ...(key === undefined ? {} : { [PROXY_KEY_HEADER]: key }),
    ...(authorization === '' ? {} : { authorization }),
    'content-type': 'application/json',
    ...(Reflect.get(lengths, length) ?? { 'content-length': length }),
  };
  return new Promise((resolve) => {
    const sent = request(
      { host: '127.0.0.1', port: proxy.port, method, path, headers, agent: false },
      (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += String(chunk);
        });
        response.on('close', () =>
          resolve([response.statusCode ?? 0, text + JSON.stringify(response.headers)]),
        );
      },
    );
    sent.on('error', () => resolve([0, '']));
    sent.end('{}');
  });
}

describe('a request to the port of the Discord proxy', () => {
  holdsFor(
    'reaches Discord only with the key, below its API, and at its length; and the token is never told',
    asked,
    async (input) => {
      const requests = () => discord.log.entries.filter(({ type }) => type === 'request').length;
      const before = requests();
      const [status, text] = await send(input);
      if (input.shown !== 'right') {
        // A key that is sent twice arrives as one text with a comma, and is none.
        expect([400, 401]).toContain(status);
        expect(requests()).toBe(before);
      } else if (!input.path.startsWith('/api/v10/')) {
        expect([400, 404]).toContain(status);
        expect(requests()).toBe(before);
      } else if (input.length !== 'right') {
        expect([0, 400, 411, 413]).toContain(status);
        expect(requests()).toBe(before);
      } else expect(status).toBeGreaterThanOrEqual(200);
      for (const secret of [discord.token, proxyKey(discord.token)])
        expect(text + log.everything).not.toContain(secret);
      log.lines.length = 0;
    },
    { share: 0.5 },
  );
});
