import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { REST } from '@discordjs/rest';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDiscordDelivery } from '../../../../../adapters/discord/delivery/delivery.js';
import { holdRestProxy } from '../../../../../adapters/discord/rest/hold-rest-proxy.js';
import { ProxyRoute, proxyLease } from '../../../../../adapters/discord/rest/proxy-route.js';
import { createDiscordRest } from '../../../../../adapters/discord/rest/rest.js';
import {
  PROXY_KEY_HEADER,
  proxyKey,
  serveRestProxy,
} from '../../../../../adapters/discord/rest/rest-proxy.js';
import type { Leases } from '../../../../../src/ports/fleet/leases.js';
import { systemClock } from '../../../../../src/process/system-clock.js';
import { awaitCondition } from '../../../../doubles/await-condition.js';
import { DiscordDouble } from '../../../../doubles/discord/discord-double.js';
import { RecordedLog } from '../../../../doubles/recorders/recorded-log.js';
import { draft, final, messageTarget } from '../delivery/delivery-fixture.js';

const POST = 'POST /channels/{channel_id}/messages';

/** One process may hold each name, until it gives it back. */
class PlainLeases implements Leases {
  readonly #held = new Map<string, { owner: string; note: string | null }>();

  async take(name: string, owner: string, _ms: number, note?: string): Promise<boolean> {
    const holder = this.#held.get(name)?.owner ?? owner;
    if (holder === owner) this.#held.set(name, { owner, note: note ?? null });
    return holder === owner;
  }

  async release(name: string, owner: string): Promise<void> {
    if (this.#held.get(name)?.owner === owner) this.#held.delete(name);
  }

  async note(name: string): Promise<string | null> {
    return this.#held.get(name)?.note ?? null;
  }

  async count(prefix: string): Promise<number> {
    return [...this.#held.keys()].filter((name) => name.startsWith(prefix)).length;
  }
}

describe('the Discord requests of several processes', () => {
  let double: DiscordDouble;
  let leases: PlainLeases;
  let log: RecordedLog;
  let stops: (() => Promise<unknown> | unknown)[];
  const { signal } = new AbortController();
  beforeEach(async () => {
    double = await new DiscordDouble().start();
    leases = new PlainLeases();
    log = new RecordedLog();
    stops = [];
  });
  afterEach(async () => {
    for (const stop of stops.reverse()) await stop();
    await double.stop();
  });

  /** A process with the token; `url`: where it is told the proxy is. */
  function process(url: string | null = null) {
    const { token, apiUrl } = double;
    const clock = systemClock;
    const route = new ProxyRoute({ token, url, leases, clock, log });
    const rest = createDiscordRest({ token, apiUrl, route, log });
    return { route, rest, delivery: createDiscordDelivery({ token, rest, clock, log }) };
  }

  /** A process that runs the proxy. */
  async function gateway(owner = 'gateway') {
    const { token } = double;
    const own = process();
    const ending = new AbortController();
    const options = {
      ...own,
      host: '127.0.0.1',
      port: 0,
      url: null,
      token,
      leases,
      owner,
      clock: systemClock,
      log,
    };
    const held = holdRestProxy(options, ending.signal);
    const stop = async () => {
      ending.abort();
      await held;
    };
    stops.push(stop);
    await awaitCondition(() => own.route.servesItself);
    return { ...own, stop };
  }

  const announced = () =>
    String(
      Reflect.get(
        log.lines.findLast(({ message }) => message.includes('go through this one'))?.fields ?? {},
        'address',
      ),
    );

  test('go through the one that runs the proxy, where the others find it', async () => {
    await gateway();
    const worker = process(announced());
    const posted = await worker.delivery.post(messageTarget(double), final({ text: 'Hello.' }), signal);
    expect(double.replies().map(({ id, content }) => ({ id, content }))).toEqual([
      { id: posted.messageId, content: 'Hello.' },
    ]);
    expect(double.log.requests('POST', /messages$/)[0]?.authorization).toBe(`Bot ${double.token}`);
  });

  test('carry a key made from the token, never the token itself', async () => {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(JSON.stringify(request.headers));
      response.writeHead(503).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    stops.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    const { rest } = process(`http://127.0.0.1:${port}`);
    await expect(rest.get('/users/@me')).rejects.toThrow();
    expect(seen).toHaveLength(1);
    expect(seen[0]).toContain(proxyKey(double.token));
    expect(seen[0]).not.toContain(double.token);
  });

  test('share buckets: four processes that edit in one channel meet no 429', async () => {
    await gateway();
    const workers = [0, 1, 2, 3].map(() => process(announced()));
    await Promise.all(
      workers.map(async ({ delivery }, i) => {
        const target = messageTarget(double);
        const mine = { turnId: 50 + i, certainlyNew: true };
        const posted = await delivery.post(target, draft({ ...mine, text: 'begun' }), signal);
        for (let edit = 0; edit < 4; edit++) {
          await delivery.edit(target, posted, final({ ...mine, text: `edit ${edit} of ${i}` }), signal);
        }
      }),
    );
    expect(
      double
        .replies()
        .map(({ content }) => content)
        .sort(),
    ).toEqual([0, 1, 2, 3].map((i) => `edit 3 of ${i}`));
    expect(double.rest.invalidRequests).toBe(0);
  });

  test('share the global limit: 120 requests at once in as many channels meet no 429', async () => {
    await gateway();
    const workers = [0, 1, 2].map(() => process(announced()));
    await Promise.all(
      Array.from({ length: 120 }, (_, i) => {
        const channel = double.world.addChannel({ kind: 'text', name: `c${i}`, guildId: double.guild.id });
        const asked = double.person.say(channel, 'well?', { mention: true });
        const target = messageTarget(double, asked, channel);
        return workers[i % 3]?.delivery.post(target, final({ turnId: 100 + i, certainlyNew: true }), signal);
      }),
    );
    expect(double.rest.invalidRequests).toBe(0);
  });

  test('are refused without the key that the token gives, outside the API, and where they are too long', async () => {
    await gateway();
    const key = { [PROXY_KEY_HEADER]: proxyKey(double.token) };
    const ask = async (path: string, init: RequestInit) =>
      (await fetch(`${announced()}${path}`, init)).status;
    const authorization = `Bot ${double.token}`;
    expect(await ask('/api/v10/users/@me', { headers: { authorization } })).toBe(401);
    expect(await ask('/api/v10/users/@me', { headers: { [PROXY_KEY_HEADER]: proxyKey('other') } })).toBe(401);
    expect(await ask('/anything', { headers: key })).toBe(404);
    const body = 'x'.repeat(1_000_001);
    expect(await ask('/api/v10/channels/1/messages', { method: 'POST', headers: key, body })).toBe(413);
    expect(double.log.entries.filter(({ type }) => type === 'request')).toEqual([]);
    expect(await ask('/api/v10/users/@me', { headers: { ...key, authorization: 'Bot' } })).toBe(200);
  });

  test('an answer that is lost on the way to the proxy is no answer: the message is posted once', async () => {
    await gateway();
    double.fail({ on: POST, action: { type: 'drop-socket', applied: true } });
    double.fail({ on: POST, action: { type: 'drop-socket' } });
    const worker = process(announced());
    await worker.delivery.post(messageTarget(double), final({ certainlyNew: true }), signal);
    expect(double.replies()).toHaveLength(1);
  });

  test('follow the proxy to another process, and go out directly where there is none, which is said once', async () => {
    const first = await gateway('first');
    const worker = process();
    const post = (turnId: number) =>
      worker.delivery.post(messageTarget(double), final({ turnId, certainlyNew: true }), signal);
    await awaitCondition(async () => (await leases.note(lease())) !== null, 50);
    await post(1);
    const saidDirect = () => log.lines.filter(({ message }) => message.startsWith('no Discord proxy')).length;
    expect(saidDirect()).toBe(0);
    await first.stop();
    await post(2);
    const second = await gateway('second');
    await awaitCondition(async () => (await leases.note(lease())) !== null, 50);
    await post(3);
    expect(double.replies()).toHaveLength(3);
    await second.stop();
    await post(4);
    await post(5);
    expect(saidDirect()).toBe(1);
    expect(double.replies()).toHaveLength(5);
    expect(double.rest.invalidRequests).toBe(0);
  });

  test('a port that is taken is tried again', async () => {
    const { token } = double;
    const taken = await serveRestProxy({ token, rest: new REST(), host: '127.0.0.1', port: 0, log });
    const own = process();
    const ending = new AbortController();
    const options = {
      ...own,
      host: '127.0.0.1',
      port: taken.port,
      url: null,
      token,
      leases,
      owner: 'late',
      clock: systemClock,
      log,
    };
    const held = holdRestProxy(options, ending.signal);
    await awaitCondition(() => log.lines.some(({ message }) => message.includes('could not be opened')));
    await taken.stop();
    await awaitCondition(() => own.route.servesItself);
    ending.abort();
    await held;
    expect(await leases.take(lease(), 'next', 1)).toBe(true);
  });

  const lease = () => proxyLease(double.token);
});
