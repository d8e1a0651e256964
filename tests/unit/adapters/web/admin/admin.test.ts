import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addressKey } from '../../../../../src/domain/address.js';
import type { TurnOutcome } from '../../../../../src/domain/turn.js';
import { localReports } from '../../../../../src/exchange/local-reports.js';
import { settingsReader } from '../../../../../src/pipeline/context/settings-at.js';
import type { Reports } from '../../../../../src/ports/fleet/reports.js';
import type { Database } from '../../../../../src/storage/database/database.js';
import { PrismaMemoryStore } from '../../../../../src/storage/memory/memory-store.js';
import { PrismaPlaceDirectory } from '../../../../../src/storage/memory/place-directory.js';
import { PrismaUserDirectory } from '../../../../../src/storage/memory/user-directory.js';
import { PrismaApiKeyStore } from '../../../../../src/storage/settings/api-key-store.js';
import { PrismaSettingsStore } from '../../../../../src/storage/settings/settings-store.js';
import { PrismaTurnListing } from '../../../../../src/storage/turns/turn-listing.js';
import { PrismaUsageStore } from '../../../../../src/storage/turns/usage-store.js';
import { FakeClock } from '../../../../doubles/clocks/fake-clock.js';
import { generated, incoming, newAuthor, newChannel } from '../../../../fixtures/incoming-message.js';
import { openTestDatabase } from '../../../../fixtures/open-test-database.js';
import { openTurns, type Turns } from '../../../../fixtures/open-turns.js';
import { openWeb } from '../open-web.js';

const DEFAULTS = {
  model: 'small',
  persona: 'assistant',
  language: 'auto',
  memory: 'channel',
  followThreads: true,
  sampling: {},
} as const;
const FAILED: TurnOutcome = { state: 'failed', kind: 'provider-unavailable', notice: 'The model is away.' };

let database: Database;
let open: Awaited<ReturnType<typeof openWeb>>;
let turns: Turns;
let retried: number[];
let reports: Reports;
beforeAll(async () => {
  database = await openTestDatabase();
  turns = openTurns(database.prisma);
});
afterAll(() => database.stop());

beforeEach(async () => {
  const { prisma } = database;
  const settings = new PrismaSettingsStore(prisma);
  retried = [];
  reports = localReports(new FakeClock());
  const lookup = { settings: settingsReader(DEFAULTS, settings) };
  const actions = {
    regenerate: async (turnId: number) => {
      retried.push(turnId);
      return { type: 'accepted' } as const;
    },
  };
  const model = { alias: 'small', description: '', runs: 'local', contextWindow: null } as const;
  open = await openWeb({
    administration: {
      ...{ lookup, actions, turns: turns.lookup, settings },
      listing: new PrismaTurnListing(prisma),
      users: new PrismaUserDirectory(prisma),
      places: new PrismaPlaceDirectory(prisma),
      usage: new PrismaUsageStore(prisma),
      apiKeys: new PrismaApiKeyStore(prisma),
      memory: new PrismaMemoryStore(prisma, () => {}),
      router: { models: () => [{ ...model, state: 'ready', isDefault: true }] },
      limits: { turnsPerMinute: 10, tokensPerDay: null },
      personas: ['assistant', 'medical'],
      reports,
      platforms: [
        { platform: 'discord', variables: 'DISCORD_TOKEN', hasToken: true },
        { platform: 'slack', variables: 'SLACK_BOT_TOKEN', hasToken: false },
      ],
    },
  });
});
afterEach(() => open.close());

async function get(path: string): Promise<unknown> {
  return (await open.send('GET', path)).json();
}

async function say(more: Parameters<typeof incoming>[1] = {}, address = newChannel()) {
  const { turnId, conversationId } = await turns.recorder.record(incoming(address, more), 'channel');
  const claimed = await turns.claims.claimNext(conversationId, 'worker', 60_000);
  if (!claimed) throw new Error('nothing to claim');
  return { turnId, claimed };
}

const patch = (key: string, change: unknown) =>
  open.send('PATCH', `/api/admin/places/${encodeURIComponent(key)}`, {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(change),
  });

describe('platforms', () => {
  test('tell what to do where no gateway has them', async () => {
    expect(await get('/api/admin/platforms')).toEqual({
      platforms: [
        {
          platform: 'discord',
          reach: null,
          missing: [],
          lacks: 'No gateway is running: start one with "parley gateway".',
          connections: [],
        },
        {
          platform: 'slack',
          reach: null,
          missing: [],
          lacks: 'Set SLACK_BOT_TOKEN for the gateway, and start it again.',
          connections: [],
        },
      ],
    });
  });

  test('tell how every gateway stands with them', async () => {
    const intent = 'Switch the intent on.';
    const discord = { platform: 'discord', detail: 'connected', reach: 5, missing: [intent] } as const;
    const slack = {
      platform: 'slack',
      detail: 'The token is refused.',
      reach: 3,
      missing: ['A scope.'],
    } as const;
    await reports.platforms.report(
      'one',
      [
        { ...discord, state: 'connected' },
        { ...slack, state: 'failed' },
      ],
      1_000,
    );
    const standby = { state: 'standby', detail: 'standing by', reach: null } as const;
    await reports.platforms.report('two', [{ ...discord, ...standby }], 1_000);
    await reports.platforms.report(
      'three',
      [
        { ...discord, state: 'resuming', detail: 'resuming', reach: 2 },
        { ...slack, state: 'connected', detail: 'connected' },
      ],
      1_000,
    );
    expect(await get('/api/admin/platforms')).toEqual({
      platforms: [
        {
          platform: 'discord',
          reach: { workspaces: 7 },
          missing: [intent],
          lacks: null,
          connections: [
            { process: 'one', state: 'connected', detail: 'connected' },
            { process: 'two', state: 'standby', detail: 'standing by' },
            { process: 'three', state: 'resuming', detail: 'resuming' },
          ],
        },
        {
          platform: 'slack',
          reach: { workspaces: 3 },
          missing: ['A scope.'],
          lacks: null,
          connections: [
            { process: 'one', state: 'failed', detail: 'The token is refused.' },
            { process: 'three', state: 'connected', detail: 'connected' },
          ],
        },
      ],
    });
  });
});

describe('the queue', () => {
  test('shows why a turn failed, and what was said only where that is asked for', async () => {
    const { turnId, claimed } = await say();
    await turns.claims.finish(claimed, FAILED);
    const shown = {
      turn_id: turnId,
      state: 'failed',
      failure: { kind: 'provider-unavailable', message: 'The model is away.' },
      text: null,
    };
    expect(await get('/api/admin/queue?state=failed&limit=1')).toMatchObject({ turns: [shown] });
    expect(await get('/api/admin/queue?state=failed&limit=1&show_text=yes')).toMatchObject({
      turns: [{ ...shown, text: 'How are you?' }],
    });
  });

  test('has a failed turn answered again, and no other', async () => {
    const { turnId, claimed } = await say();
    const retry = (id: number | string) => open.post(`/api/admin/turns/${id}/retry`, {});
    expect((await retry(turnId)).status).toBe(409);
    await turns.claims.finish(claimed, FAILED);
    expect((await retry(turnId)).status).toBe(202);
    expect((await retry(2_147_483_647)).status).toBe(404);
    expect((await retry('x')).status).toBe(400);
    expect(retried).toEqual([turnId]);
  });

  test.each([
    ['?state=done', 'state must be one of waiting, running, failed.'],
    ['?limit=201', 'limit must be at most 200.'],
    ['?before=0', 'before must be the `earlier` of the page before.'],
    ['?text=yes', 'text is not a field of this request.'],
  ])('refuses %s in a sentence', async (query, message) => {
    expect(await get(`/api/admin/queue${query}`)).toMatchObject({ error: { code: 'invalid', message } });
  });
});

describe('users', () => {
  test('are listed with what they used and what they may use', async () => {
    const author = newAuthor();
    const { claimed } = await say({ author });
    await turns.claims.finish(claimed, { state: 'done', ...generated('Fine.') });
    const used = { turns: 1, tokens: 27 };
    expect(await get(`/api/admin/users?search=${author.id}`)).toEqual({
      limits: { turns_per_minute: 10, tokens_per_day: null },
      users: [
        { key: author.key, name: 'Somebody', last_asked_at: expect.any(String), day: used, month: used },
      ],
      next: null,
    });
  });

  test('are forgotten once their key is given twice', async () => {
    const author = newAuthor();
    await say({ author });
    const forget = (confirm: string) =>
      open.post(`/api/admin/users/${encodeURIComponent(author.key)}/forget`, { confirm });
    expect(await (await forget('somebody')).json()).toMatchObject({
      error: { message: "confirm must be the user's key." },
    });
    expect(await (await forget(author.key)).json()).toEqual({ key: author.key, forgotten: 1 });
    expect(await (await forget(author.key)).json()).toMatchObject({ forgotten: 0 });
    expect(await get(`/api/admin/users?search=${author.id}`)).toMatchObject({ users: [{ name: '' }] });
  });
});

describe('places', () => {
  test('are listed with what was set there and what holds there', async () => {
    const address = { ...newChannel(), kind: 'thread', parent: newChannel().channel } as const;
    await say({}, address);
    const parent = addressKey({ ...address, channel: address.parent });
    expect((await patch(parent, { persona: 'medical' })).status).toBe(200);
    await patch(addressKey(address), { limits: { tokens_per_day: 0 }, parameters: { top_k: 3 } });
    expect(await get(`/api/admin/places?search=${address.channel}`)).toMatchObject({
      places: [
        {
          key: addressKey(address),
          settings: { limits: { tokens_per_day: 0 }, parameters: { top_k: 3 } },
          effective: { model: 'small', persona: 'medical', limits: { tokens_per_day: 0 } },
        },
      ],
      earlier: null,
    });
  });

  test('are shown as listed when they were changed', async () => {
    const address = newChannel();
    await say({}, address);
    const changed = (await (await patch(addressKey(address), { language: 'zh' })).json()) as object;
    expect(await get(`/api/admin/places?search=${address.channel}`)).toEqual({
      places: [changed],
      earlier: null,
    });
  });

  test('keep what a change leaves out, and lose what it sets to null', async () => {
    const key = addressKey(newChannel());
    await patch(key, { language: 'zh', limits: { turns_per_minute: 3, tokens_per_day: 500 } });
    const changed = await patch(key, { memory: 'user', limits: { turns_per_minute: null } });
    expect(await changed.json()).toMatchObject({
      settings: { language: 'zh', memory: 'user', limits: { tokens_per_day: 500 } },
    });
    const unset = (await (await patch(key, { language: null, limits: null })).json()) as { settings: object };
    expect(unset.settings).toEqual({ memory: 'user' });
  });

  test.each([
    [{ model: 'huge' }, 'model must be one of small.'],
    [{ persona: 'pirate' }, 'persona must be one of assistant, medical.'],
    [{ memory: 'everyone' }, 'memory must be one of channel, user.'],
    [{ parameters: { temperature: 3 } }, 'parameters.temperature must be at most 2.'],
    [{ limits: { turns_per_minute: 10_001 } }, 'limits.turns_per_minute must be at most 10000.'],
    [{ limits: { tokens_per_day: -1 } }, 'limits.tokens_per_day must be at least 0.'],
    [{ token: 'x' }, 'token is not a field of this request.'],
  ])('refuse %j in a sentence, and change nothing', async (change, message) => {
    const key = addressKey(newChannel());
    const refused = await patch(key, change);
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ error: { message } });
    expect(await (await patch(key, {})).json()).toMatchObject({ settings: {} });
  });

  test('that could not be are not found', async () => {
    expect((await patch('irc/a/b/c', {})).status).toBe(404);
  });
});
