import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MINUTE_MS } from '../../../../../src/domain/time/duration.js';
import { ShiftedClock } from '../../../../doubles/clocks/shifted-clock.js';
import { DiscordDouble } from '../../../../doubles/discord/discord-double.js';
import type { DoubleChannel } from '../../../../doubles/discord/world.js';
import { RecordingInbox } from '../../../../doubles/recorders/recording-inbox.js';
import {
  type AdapterBench,
  type AdapterBenchOptions,
  Facts,
  Known,
  openAdapter,
} from '../adapter-fixture.js';

const HISTORY = 'GET /channels/{channel_id}/messages';
const NEVER = new Promise<never>(() => {});

/** One process after the other, on the same database. */
describe('what people say while no process is there', () => {
  let clock: ShiftedClock;
  let double: DiscordDouble;
  let inbox: RecordingInbox;
  let facts: Facts;
  let known: Known;
  let running: AdapterBench | undefined;
  beforeEach(async () => {
    clock = new ShiftedClock();
    double = await new DiscordDouble({ clock }).start();
    inbox = new RecordingInbox();
    facts = new Facts();
    known = new Known();
  });
  afterEach(async () => {
    await running?.adapter.stop();
    await double.stop();
  });

  async function start(options: AdapterBenchOptions = {}): Promise<AdapterBench> {
    running = await openAdapter({ double, clock, inbox, facts, known, ...options });
    return running;
  }
  const stop = () => running?.adapter.stop();
  const say = (text: string, channel = double.channel) =>
    double.person.say(channel, text, { mention: channel.guildId !== null });
  const taken = (text: string) =>
    double.log.waitFor(() => inbox.messages.find((message) => message.text === text), text);
  const texts = () => inbox.messages.map(({ text }) => text);
  const moments = (what: string) =>
    double.log.entries.filter((entry) => entry.type === 'gateway' && entry.what === what).length;
  /** The bot was spoken to here; `newest` was recorded. */
  function knows(channel: DoubleChannel, newest: string | null = null): void {
    known.channels.push({
      workspace: channel.guildId ?? '-',
      channel: channel.id,
      newestMessageId: newest,
    });
  }

  describe('where Discord still knows the session', () => {
    test('it is resumed: all of it comes, once and in order, without a new login', async () => {
      await start();
      say('before');
      await taken('before');
      await stop();
      say('one');
      double.person.say(double.channel, 'not for the bot');
      say('two');
      await start();
      say('after');
      await taken('after');
      expect(texts()).toEqual(['before', 'one', 'two', 'after']);
      expect(moments('identified')).toBe(1);
      expect(moments('resumed')).toBe(1);
      expect(running?.adapter.status()).toEqual({ state: 'ready', readsMessages: true });
    });

    test('it is stored as soon as it begins: a process killed seconds later leaves it to the next', async () => {
      await start();
      const stored = () => [...facts.values.values()].some((text) => text.includes('"sessionId"'));
      // It would be by itself after five seconds.
      await expect.poll(stored, { timeout: 4_500 }).toBe(true);
    });

    test('a message that the last process did not get to record comes again', async () => {
      await start();
      inbox.beforeAccept = () => NEVER;
      say('taken in half');
      await double.log.waitFor(() => inbox.accepts === 1, 'the attempt');
      await stop();
      inbox.beforeAccept = async () => {};
      await start();
      await taken('taken in half');
      expect(moments('resumed')).toBe(1);
    });

    test('a bot with another token does not take up the session', async () => {
      await start();
      await stop();
      double.rest.token = 'another.token';
      await start({ token: 'another.token' });
      expect(moments('resumed')).toBe(0);
      expect(moments('identified')).toBe(2);
    });
  });

  describe('where the session is gone', () => {
    /** Runs for a moment, and is away for half an hour. */
    async function goAway(ms = 30 * MINUTE_MS): Promise<void> {
      await start();
      await stop();
      clock.shift(ms);
    }

    test('what was said in the channels it knows is fetched: once, in order, and before what is said now', async () => {
      const thread = double.openThread();
      const direct = double.directChannel();
      for (const channel of [double.channel, thread, direct]) knows(channel);
      await goAway();
      for (let i = 0; i < 130; i++) say(`question ${i}`);
      double.person.say(double.channel, 'chatter');
      say('in the thread', thread);
      say('in private', direct);
      await start();
      say('now');
      await taken('now');
      await Promise.all(['in the thread', 'in private'].map(taken));
      const here = inbox.messages.filter(({ address }) => address.channel === double.channel.id);
      expect(here.map(({ text }) => text)).toEqual([
        ...Array.from({ length: 130 }, (_, i) => `question ${i}`),
        'now',
      ]);
      const [first] = here;
      expect(first?.key).toBe(
        `discord/${double.world.bot.id}/${double.channel.id}/${first?.platformMessageId}`,
      );
      expect(first?.writtenEarlier).toBe(true);
      expect(inbox.messages.find(({ text }) => text === 'in the thread')?.address).toMatchObject({
        kind: 'thread',
        parent: double.channel.id,
      });
    });

    test('nothing is recorded again, and nothing read that was said long before', async () => {
      say('long ago');
      clock.shift(10 * MINUTE_MS);
      await start();
      const recorded = say('recorded');
      await taken('recorded');
      await stop();
      knows(double.channel, recorded.id);
      clock.shift(10 * MINUTE_MS);
      double.gateway.forgetSessions();
      say('missed');
      await start();
      await taken('missed');
      expect(texts()).toEqual(['recorded', 'missed']);
    });

    test('a message of which Discord had not told is fetched although a newer one of its channel was recorded', async () => {
      await start();
      double.person.say(double.channel, 'told too late', { mention: true, deliveries: 0 });
      const newer = say('newer');
      await taken('newer');
      await stop();
      knows(double.channel, newer.id);
      double.gateway.forgetSessions();
      await start();
      await taken('told too late');
      expect(texts()).toEqual(['newer', 'told too late']);
    });

    test('on the very first start nothing is read but what was said after the newest that is recorded', async () => {
      say('long ago');
      knows(double.channel, say('recorded elsewhere').id);
      clock.shift(MINUTE_MS);
      say('missed');
      await start();
      await taken('missed');
      expect(texts()).toEqual(['missed']);
    });

    test('in a session that Discord ended while the process ran, too', async () => {
      await start();
      knows(double.channel);
      double.fail({ on: HISTORY, action: { type: 'status', status: 503 } });
      double.gateway.invalidateSession(false);
      await double.log.waitFor(() => moments('closed') === 1, 'the connection to end');
      say('into the void');
      await taken('into the void');
    });

    test('what is too old to be answered is told as missed, once in a channel', async () => {
      knows(double.channel);
      await goAway();
      say('an old one');
      double.person.say(double.channel, 'chatter');
      const last = say('another old one');
      clock.shift(2 * 60 * MINUTE_MS);
      say('a fresh one');
      await start({ staleAfterMs: 60 * MINUTE_MS });
      const notice = await double.waitForReply();
      await taken('a fresh one');
      expect(texts()).toEqual(['a fresh one']);
      expect(notice.content).toContain('missed 2 messages');
      expect(notice.referenceId).toBe(last.id);
      expect(double.pings).toEqual([]);
      await stop();
      double.gateway.forgetSessions();
      await start({ staleAfterMs: 60 * MINUTE_MS });
      say('later');
      await taken('later');
      expect(double.replies()).toEqual([notice]);
    });

    test('what was answered just before is not told as missed', async () => {
      await start();
      const answered = say('answered');
      await taken('answered');
      await stop();
      knows(double.channel, answered.id);
      double.gateway.forgetSessions();
      const missed = say('an old one');
      clock.shift(2 * 60 * MINUTE_MS);
      await start({ staleAfterMs: 60 * MINUTE_MS });
      const notice = await double.waitForReply();
      expect(notice.referenceId).toBe(missed.id);
      expect(notice.content).toContain('I was away when you wrote this');
    });

    test('or not told, where the operator wants it so', async () => {
      knows(double.channel);
      await goAway();
      say('an old one');
      clock.shift(2 * 60 * MINUTE_MS);
      await start({ staleAfterMs: 60 * MINUTE_MS, catchUp: { tellMissed: false } });
      say('now');
      await taken('now');
      expect(double.replies()).toEqual([]);
    });

    test('no more is read than allowed: the newest of a channel, and the channels spoken in last', async () => {
      const channels = [0, 1, 2].map((i) =>
        double.world.addChannel({ kind: 'text', name: `c${i}`, guildId: double.guild.id }),
      );
      await goAway();
      for (const channel of channels) knows(channel);
      for (const [i, channel] of channels.entries())
        for (let n = 0; n < 5; n++) say(`channel ${i}, message ${n}`, channel);
      const bench = await start({ catchUp: { perChannel: 3, channels: 2, otherChannels: 0 } });
      await double.log.waitFor(() => inbox.messages.length === 6, 'six messages');
      say('now', channels[2]);
      await taken('now');
      expect(texts().sort()).toEqual([
        'channel 0, message 2',
        'channel 0, message 3',
        'channel 0, message 4',
        'channel 1, message 2',
        'channel 1, message 3',
        'channel 1, message 4',
        'now',
      ]);
      expect(bench.log.lines.filter(({ message }) => message.includes('delivery.catchUp'))).toMatchObject([
        { level: 'warn', fields: { channelsReadInPart: 2 } },
      ]);
    });

    test('a channel that the bot may not read keeps no other waiting', async () => {
      const closed = double.world.addChannel({
        kind: 'text',
        name: 'closed',
        guildId: double.guild.id,
        refuses: 50001,
      });
      knows(closed);
      knows(double.channel);
      await goAway();
      say('missed');
      const bench = await start();
      await taken('missed');
      expect(bench.log.lines.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
    });

    test('a process that ends while it fetches leaves the rest to the next', async () => {
      knows(double.channel);
      await goAway();
      say('missed');
      const asked = new Promise<void>((resolve) => {
        double.fail({ on: HISTORY, action: { type: 'hold', until: NEVER, onArrival: resolve } });
      });
      await start();
      await asked;
      await stop();
      await start();
      await taken('missed');
      expect(moments('resumed')).toBe(1);
    });
  });
});
