import type { GatewayGuildCreateDispatchData } from 'discord.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { heardOf } from '../../../../../adapters/discord/catch-up/listed-channels.js';
import { snowflakeAt } from '../../../../../adapters/discord/gateway/snowflake.js';
import { MINUTE_MS } from '../../../../../src/domain/time/duration.js';
import { ShiftedClock } from '../../../../doubles/clocks/shifted-clock.js';
import { renderGuild } from '../../../../doubles/discord/render.js';
import { AbsenceBench } from './absence-bench.js';

describe('a channel where nobody spoke to the bot before', () => {
  let clock: ShiftedClock;
  let bench: AbsenceBench;
  beforeEach(async () => {
    clock = new ShiftedClock();
    bench = await AbsenceBench.open(clock);
  });
  afterEach(() => bench.close());
  /** Away for half an hour, in the middle of which things are said. */
  async function away(): Promise<void> {
    clock.shift(10 * MINUTE_MS);
    await bench.leave();
    clock.shift(15 * MINUTE_MS);
  }
  /** Resolves when what was missed is taken in. */
  async function back(options = {}) {
    clock.shift(15 * MINUTE_MS);
    const opened = await bench.start(options);
    bench.say('now');
    await bench.taken('now');
    return opened;
  }

  test('is read after a gap where something was said in it: mentions there are answered', async () => {
    const [quiet, chatty, asked] = ['quiet', 'chatty', 'asked'].map((name) => bench.addChannel(name));
    if (!quiet || !chatty || !asked) throw new Error('three channels');
    const thread = bench.double.openThread(quiet);
    bench.say('before', quiet);
    await away();
    bench.double.person.say(chatty, 'nothing for the bot');
    for (const text of ['one', 'two']) bench.say(text, asked);
    bench.say('in the thread', thread);
    await back();
    await Promise.all(['two', 'in the thread'].map((text) => bench.taken(text)));
    expect(bench.texts(asked)).toEqual(['one', 'two']);
    expect(bench.inbox.messages.find(({ text }) => text === 'in the thread')?.address).toMatchObject({
      kind: 'thread',
      parent: quiet.id,
    });
    expect(bench.reads(quiet)).toBe(0);
    await bench.awaitReads(chatty, 1);
    expect(bench.texts()).toHaveLength(4);
  });

  test('is not read where the bot has no access, nor when it listens for the first time', async () => {
    const { world, guild } = bench.double;
    const hidden = world.addChannel({ kind: 'text', name: 'hidden', guildId: guild.id, refuses: 50001 });
    const open = bench.addChannel('open');
    bench.say('before the bot came', open);
    await bench.start();
    await bench.stop();
    bench.double.gateway.forgetSessions();
    expect(bench.reads(open)).toBe(0);
    clock.shift(15 * MINUTE_MS);
    bench.say('out of sight', hidden);
    bench.say('in sight', open);
    await back();
    await bench.taken('in sight');
    expect(bench.reads(hidden)).toBe(0);
  });

  test('is read within a limit: of these the ones spoken in last, and known channels beside them', async () => {
    const channels = [0, 1, 2].map((i) => bench.addChannel(`c${i}`));
    const [first] = channels;
    if (!first) throw new Error('a channel');
    await away();
    bench.knows(first);
    for (const [i, channel] of channels.entries()) {
      bench.say(`in ${i}`, channel);
      clock.shift(MINUTE_MS);
    }
    const { log } = await back({ catchUp: { otherChannels: 1 } });
    await Promise.all([0, 2].map((i) => bench.taken(`in ${i}`)));
    expect(bench.texts().sort()).toEqual(['in 0', 'in 2', 'now']);
    expect(log.lines.filter(({ message }) => message.includes('not looked into'))).toMatchObject([
      { fields: { channels: 1 } },
    ]);
  });

  test('is read by the next process where the first one died before Discord listed the server', async () => {
    const other = bench.addChannel('other');
    await away();
    bench.say('missed', other);
    const { gateway, world, guild } = bench.double;
    gateway.withholdGuilds = true;
    await bench.start();
    await bench.stop();
    gateway.dispatch('GUILD_CREATE', renderGuild(world, guild));
    await bench.start();
    await bench.taken('missed');
    expect(bench.double.log.entries.filter((e) => e.type === 'gateway' && e.what === 'resumed')).toHaveLength(
      1,
    );
  });
});

describe('what Discord lists of a server', () => {
  const NOW = Date.UTC(2026, 5, 1);
  const BOT = '1';
  const VIEW_AND_READ = String((1 << 10) | (1 << 16));
  const channel = (id: string, said: number, more: object = {}) => ({
    id,
    type: 0,
    last_message_id: snowflakeAt(said),
    permission_overwrites: [],
    ...more,
  });
  function listed(channels: readonly object[], more: object = {}) {
    const guild = {
      id: '9',
      owner_id: '2',
      joined_at: new Date(0).toISOString(),
      roles: [
        { id: '9', permissions: '0' },
        { id: '8', permissions: VIEW_AND_READ },
      ],
      members: [{ user: { id: BOT }, roles: ['8'] }],
      channels,
      threads: [],
      ...more,
    };
    return heardOf(guild as unknown as GatewayGuildCreateDispatchData, BOT, NOW).map(({ id }) => id);
  }
  const denied = (id: string, type: number) => ({ id, type, allow: '0', deny: VIEW_AND_READ });
  const allowed = (id: string, type: number) => ({ id, type, allow: VIEW_AND_READ, deny: '0' });

  test('those spoken in since then, the last one first; no forums', () => {
    const old = channel('10', NOW - 1);
    const forum = channel('13', NOW + 9, { type: 15 });
    const silent = channel('14', 0, { last_message_id: null });
    expect(listed([old, channel('11', NOW + 1), channel('12', NOW + 2), forum, silent])).toEqual([
      '12',
      '11',
    ]);
  });

  test('nothing that was said before the bot came', () => {
    const joined_at = new Date(NOW + 5).toISOString();
    expect(listed([channel('10', NOW + 1), channel('11', NOW + 9)], { joined_at })).toEqual(['11']);
  });

  test('what roles and overwrites let the bot read, and threads as their channel', () => {
    const with_ = (id: string, ...permission_overwrites: object[]) =>
      channel(id, NOW + Number(id), { permission_overwrites });
    const channels = [
      with_('10', denied('9', 0)),
      with_('11', denied('9', 0), allowed('8', 0)),
      with_('12', allowed('9', 0), denied('8', 0)),
      with_('13', denied('8', 0), allowed(BOT, 1)),
      with_('14', denied('7', 0)),
    ];
    const thread = (id: string, parent_id: string) => ({
      ...channel(id, NOW + Number(id), { type: 11, parent_id, thread_metadata: {} }),
    });
    const threads = [thread('20', '10'), thread('21', '11')];
    expect(listed(channels, { threads })).toEqual(['21', '14', '13', '11']);
    expect(listed(channels, { owner_id: BOT })).toHaveLength(5);
    const roles = [{ id: '8', permissions: '8' }];
    expect(listed(channels, { roles })).toHaveLength(5);
  });
});
