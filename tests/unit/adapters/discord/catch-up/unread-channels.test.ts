import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ExpectedFailure } from '../../../../../src/domain/failure.js';
import { HurriedClock } from '../../../../doubles/clocks/hurried-clock.js';
import type { AdapterBenchOptions } from '../adapter-fixture.js';
import { AbsenceBench, HISTORY } from './absence-bench.js';

/** So many times as fast as on the clock on the wall. */
const HURRY = 50;
const UNREADABLE = { type: 'status', status: 503 } as const;

describe('a channel that Discord does not give after a gap', () => {
  let clock: HurriedClock;
  let bench: AbsenceBench;
  async function open(options: AdapterBenchOptions = {}): Promise<AbsenceBench> {
    clock = new HurriedClock(HURRY);
    bench = await AbsenceBench.open(clock, options);
    return bench;
  }
  beforeEach(() => open());
  afterEach(() => bench.close());
  const fail = (channel = bench.double.channel, times = 1_000) =>
    bench.double.fail({ on: HISTORY, path: channel.id, action: UNREADABLE, times });

  test('is read once Discord gives it, before what was said there since', async () => {
    const { channel } = bench.double;
    const other = bench.addChannel('other');
    for (const known of [channel, other]) bench.knows(known);
    await bench.leave();
    for (const text of ['one', 'two']) bench.say(text);
    bench.say('elsewhere', other);
    // More than the patience of one look is worth.
    fail(channel, 25);
    const { log } = await bench.start();
    await bench.awaitReads(channel, 3);
    for (const text of ['three', 'four']) bench.say(text);
    bench.say('meanwhile', other);
    await bench.taken('meanwhile');
    expect(bench.texts(other)).toEqual(['elsewhere', 'meanwhile']);
    await bench.taken('four');
    expect(bench.texts(channel)).toEqual(['one', 'two', 'three', 'four']);
    expect(bench.reads(channel)).toBeGreaterThan(25);
    expect(log.lines.filter(({ message }) => message.includes('trying again'))[0]).toMatchObject({
      level: 'warn',
      fields: { channels: 1 },
    });
    bench.say('five');
    await bench.taken('five');
  });

  test('is left to the next process, and by that one to the next, with what came meanwhile', async () => {
    const { channel } = bench.double;
    bench.knows(channel);
    await bench.leave();
    bench.say('one');
    bench.double.fail({ on: HISTORY, action: { type: 'rate-limit', retryAfter: 3_600 }, times: 2 });
    for (const text of ['two', 'three']) {
      const { log } = await bench.start();
      await bench.double.log.waitFor(
        () => log.lines.some(({ message }) => message.includes('trying again')),
        'a look that fails',
      );
      bench.say(text);
      await bench.stop();
      clock.shift(1_000);
    }
    expect(bench.texts()).toEqual([]);
    await bench.start();
    bench.say('four');
    await bench.taken('four');
    expect(bench.texts()).toEqual(['one', 'two', 'three', 'four']);
  });

  test('stays to be read after another gap, beside what that one hid', async () => {
    const { channel } = bench.double;
    const other = bench.addChannel('other');
    for (const known of [channel, other]) bench.knows(known);
    await bench.leave();
    bench.say('one');
    bench.say('other one', other);
    clock.shift(600_000);
    fail(channel);
    await bench.start();
    await bench.taken('other one');
    await bench.awaitReads(channel, 6);
    const gone = () => bench.double.log.entries.filter((e) => e.type === 'gateway' && e.what === 'closed');
    const before = gone().length;
    bench.double.gateway.invalidateSession(false);
    await bench.double.log.waitFor(() => gone().length > before, 'the connection to end');
    bench.say('two');
    bench.say('other two', other);
    await bench.taken('other two');
    bench.double.rest.faults.clear();
    bench.say('three');
    await bench.taken('three');
    expect(bench.texts(channel)).toEqual(['one', 'two', 'three']);
    expect(bench.texts(other)).toEqual(['other one', 'other two']);
  });

  test('loses nothing that was heard meanwhile to the limits on what was missed', async () => {
    await bench.close();
    await open({ catchUp: { perChannel: 3, messages: 3 } });
    const { channel } = bench.double;
    bench.knows(channel);
    await bench.leave();
    for (let i = 0; i < 5; i++) bench.say(`missed ${i}`);
    fail(channel, 25);
    await bench.start();
    await bench.awaitReads(channel, 8);
    for (let i = 0; i < 5; i++) bench.say(`heard ${i}`);
    await bench.taken('heard 4');
    expect(bench.texts()).toEqual([
      ...[2, 3, 4].map((i) => `missed ${i}`),
      ...[0, 1, 2, 3, 4].map((i) => `heard ${i}`),
    ]);
  });

  test('that was deleted is read no more, and keeps nothing waiting', async () => {
    const gone = bench.addChannel('gone');
    for (const known of [gone, bench.double.channel]) bench.knows(known);
    await bench.leave();
    bench.say('one');
    gone.deleted = true;
    const { log } = await bench.start();
    await bench.taken('one');
    await bench.stop();
    expect([...bench.facts.values.values()].join()).not.toContain(gone.id);
    expect(log.lines.filter(({ level }) => level === 'warn')).toEqual([]);
  });

  test('a database that cannot tell which channels there are is asked until it does', async () => {
    const { channel } = bench.double;
    bench.knows(channel);
    await bench.leave();
    bench.say('one');
    const until = clock.now() + 200_000;
    const latest = bench.known.latest.bind(bench.known);
    bench.known.latest = async (...asked) => {
      if (clock.now() < until)
        throw new ExpectedFailure('setup', 'the database is out of reach', { retryable: true });
      return latest(...asked);
    };
    await bench.start();
    bench.say('two');
    await bench.taken('two');
    expect(bench.texts()).toEqual(['one', 'two']);
  });
});
