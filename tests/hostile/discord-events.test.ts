import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { hear } from '../../adapters/discord/source/heard-message.js';
import { type AdapterBench, openAdapter } from '../unit/adapters/discord/adapter-fixture.js';
import { holdsFor } from './holds-for.js';
import { damaged, hostileText, type Json } from './inputs.js';

const BOT = '1400000000000000001';
const snowflake = fc.bigInt(1_400_000_000_000_000_000n, 1_400_000_000_000_100_000n).map(String);
const said = hostileText(8).map((text): Json => text);
const user = fc.record({
  id: snowflake,
  username: said,
  global_name: fc.constantFrom<Json>(null, 'Ada'),
  discriminator: fc.constant('0'),
  avatar: fc.constant(null),
});
const content = fc
  .tuple(fc.constantFrom(`<@${BOT}> `, `<@!${BOT}>`, ''), hostileText(8))
  .map((all): Json => all.join(''));
const quoted = fc.record({
  id: snowflake,
  type: fc.constant(0),
  content,
  author: user,
  mentions: fc.constant<Json>([]),
  timestamp: fc.constant('2026-01-01T00:00:00Z'),
});
const message = fc.record(
  {
    id: snowflake,
    type: fc.constantFrom(0, 19, 7),
    channel_id: snowflake,
    guild_id: snowflake,
    content,
    author: user,
    member: fc.constant<Json>({ nick: '@everyone', roles: [], permissions: '0' }),
    timestamp: fc.constantFrom('2026-01-01T00:00:00.000000+00:00', 'yesterday'),
    edited_timestamp: fc.constantFrom<Json>(null, '2026-01-01T00:00:01Z'),
    mentions: fc.array(user, { maxLength: 3 }),
    attachments: fc.array(fc.record({ id: snowflake, filename: said, content_type: said }), { maxLength: 3 }),
    embeds: fc.constant<Json>([{ type: 'rich' }]),
    sticker_items: fc.array(fc.record({ name: said }), { maxLength: 2 }),
    message_reference: fc.record({ message_id: snowflake, type: fc.constantFrom(0, 1) }),
    referenced_message: fc.oneof(fc.constant<Json>(null), quoted),
    message_snapshots: fc.array(fc.record({ message: quoted }), { maxLength: 1 }),
  },
  { requiredKeys: ['id', 'type', 'channel_id', 'content', 'author', 'timestamp'] },
);
const option = fc.record({
  name: fc.constantFrom('question', 'model', 'temperature', 'top_k', '__proto__', 'nothing'),
  type: fc.constantFrom(3, 4, 5, 10, 1),
  value: fc.constantFrom<Json>('Why?', 1, true, '@everyone'),
  focused: fc.boolean(),
});
const data = fc.oneof(
  fc.record({
    id: snowflake,
    type: fc.constant(1),
    name: fc.constantFrom('ask', 'settings', 'clear', 'nothing'),
    options: fc.array(option, { maxLength: 3 }),
  }),
  fc.record({
    id: snowflake,
    type: fc.constant(3),
    name: fc.constant('Ask'),
    target_id: fc.constant('1'),
    resolved: fc.record({ messages: fc.record({ '1': quoted }) }),
  }),
  fc.record({
    component_type: fc.constant(2),
    custom_id: fc.oneof(said, fc.constantFrom<Json>('parley:stop:7', 'parley:up:1')),
  }),
  fc.record({
    custom_id: fc.oneof(said, fc.constant<Json>('parley:about:1:2:x')),
    components: fc.constant<Json>([
      { type: 1, components: [{ type: 4, custom_id: 'question', value: 'Why?' }] },
    ]),
  }),
);
const interaction = fc.record(
  {
    id: snowflake,
    application_id: fc.constant(BOT),
    type: fc.constantFrom(1, 2, 3, 4, 5, 99),
    token: fc.constant('MARKED-SECRET-interaction-token'),
    version: fc.constant(1),
    channel: fc.constantFrom<Json>(
      { id: '1400000000000000005', type: 0 },
      { id: '1400000000000000006', type: 11, parent_id: '1400000000000000005' },
    ),
    channel_id: snowflake,
    guild_id: snowflake,
    member: fc.record({ user, nick: said, permissions: fc.constantFrom('0', '8', 'x', '-1') }),
    app_permissions: fc.constantFrom('0', '2147483647', 'x'),
    locale: fc.constantFrom('en-US', 'zh-CN', ''),
    authorizing_integration_owners: fc.constantFrom<Json>({ '0': '1' }, { '1': '1' }, null),
    context: fc.constantFrom(0, 1, 2),
    data,
    message: quoted,
  },
  { requiredKeys: ['id', 'application_id', 'type', 'token', 'data', 'channel', 'member'] },
);

const nobody = { user: () => undefined, role: () => undefined, channel: () => undefined };
/** A message as the gateway's own types have it: what breaks them is for the frames below. */
describe('a message on Discord', () => {
  holdsFor('is read into bounded, readable text', message, (given) => {
    const heard = hear(given as unknown as Parameters<typeof hear>[0], BOT, nobody);
    if (!heard) return;
    expect(heard.text.length).toBeLessThan(100_000);
    expect(heard.quoted?.text).not.toBe('');
  });
});

let bench: AdapterBench;
beforeAll(async () => {
  bench = await openAdapter();
});
afterAll(() => bench.close());

const EACH = 10;
const EVENTS = {
  MESSAGE_CREATE: message,
  MESSAGE_UPDATE: message,
  MESSAGE_DELETE: fc.record({ id: snowflake, channel_id: snowflake }),
  MESSAGE_DELETE_BULK: fc.record({ ids: fc.array(snowflake, { maxLength: 3 }), channel_id: snowflake }),
  INTERACTION_CREATE: interaction,
  THREAD_CREATE: fc.record({
    id: snowflake,
    type: fc.constant(11),
    parent_id: snowflake,
    guild_id: snowflake,
  }),
  CHANNEL_UPDATE: fc.record({ id: snowflake, type: fc.nat(20), name: said, guild_id: snowflake }),
  GUILD_CREATE: fc.record({
    id: snowflake,
    name: said,
    channels: fc.constant<Json>([]),
    members: fc.constant<Json>([]),
    roles: fc.constant<Json>([]),
  }),
  GUILD_MEMBER_UPDATE: fc.record({ guild_id: snowflake, user, nick: said, roles: fc.constant<Json>([]) }),
  TYPING_START: fc.record({ channel_id: snowflake, user_id: snowflake }),
} as const;
const dispatch = fc.oneof(
  ...Object.entries(EVENTS).map(([name, shape]) =>
    damaged(shape as fc.Arbitrary<Json>).map((d) => ({ op: 0, t: name, s: null, d })),
  ),
);
const frame = fc.oneof(
  { weight: 9, arbitrary: dispatch.map((value) => JSON.stringify(value)) },
  hostileText(3),
  fc.constantFrom(
    '',
    'null',
    '[]',
    '{}',
    '{"op":null}',
    '{"op":0,"t":null,"d":null}',
    '{"op":0,"t":"constructor","d":{}}',
    '{"op":11}',
    '{"op":3}',
    '['.repeat(20_000),
  ),
);

describe('frames of Discord’s gateway', () => {
  const frames = fc.array(frame, { minLength: EACH, maxLength: EACH });
  let asked = 0;
  holdsFor(
    'leave the bot connected and answering, and nobody’s text or token in the log',
    frames,
    async (burst) => {
      const { double, inbox, log } = bench;
      for (const text of burst) double.gateway.sendRaw(text.toWellFormed());
      asked += 1;
      const question = `still there? ${asked}`;
      double.person.say(double.channel, question, { mention: true });
      await bench.until(() => inbox.messages.some(({ text }) => text === question), question);
      expect(log.everything).not.toContain('MARKED-SECRET');
      expect(log.everything).not.toContain(double.token);
      log.lines.length = 0;
    },
    { share: 0.5, each: EACH },
  );
});
