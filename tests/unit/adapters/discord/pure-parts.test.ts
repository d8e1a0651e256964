import { type GatewayMessageCreateDispatchData, MessageType } from 'discord.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { customId, readCustomId } from '../../../../adapters/discord/delivery/controls.js';
import { NONCE_LIMIT, nonceAbout, partNonce } from '../../../../adapters/discord/delivery/nonce.js';
import { EventProgress } from '../../../../adapters/discord/gateway/event-progress.js';
import { snowflakeAt } from '../../../../adapters/discord/gateway/snowflake.js';
import { CoolDown } from '../../../../adapters/discord/rest/cool-down.js';
import { RequestPace } from '../../../../adapters/discord/rest/request-pace.js';
import { hear } from '../../../../adapters/discord/source/heard-message.js';
import { InTurn } from '../../../../adapters/discord/source/in-turn.js';
import { FakeClock } from '../../../doubles/clocks/fake-clock.js';
import { deferred } from '../../../doubles/deferred.js';

const BOT = '123456789012345678';

describe('nonces', () => {
  const turn = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
  const small = fc.nat({ max: 46_655 });
  const part = fc.tuple(turn, small, small);

  test('are at most 25 characters, and never the same for different parts', () => {
    fc.assert(
      fc.property(part, part, (a, b) => {
        expect(partNonce(...a).length).toBeLessThanOrEqual(NONCE_LIMIT);
        expect(partNonce(...a) === partNonce(...b)).toBe(String(a) === String(b));
      }),
    );
  });

  test('about messages are at most 25 characters too', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: (1n << 64n) - 1n }), (id) => {
        expect(nonceAbout('n', String(id)).length).toBeLessThanOrEqual(NONCE_LIMIT);
      }),
    );
  });
});

describe('custom ids', () => {
  test('read back what was written, and fit Discord’s 100 characters', () => {
    const action = fc.constantFrom('stop', 'again', 'up', 'down');
    fc.assert(
      fc.property(action, fc.integer({ min: 1, max: 2 ** 53 - 1 }), (name, turnId) => {
        const id = customId({ action: name, turnId });
        expect(id.length).toBeLessThanOrEqual(100);
        expect(readCustomId(id)).toEqual({ action: name, turnId });
      }),
    );
  });

  test('that we did not write are nothing', () => {
    fc.assert(
      fc.property(fc.string(), (id) => {
        expect(readCustomId(id)).toBeNull();
      }),
    );
    expect(readCustomId('parley:stop:9999999999999999')).toBeNull();
  });
});

describe('what is heard', () => {
  const names = { user: () => undefined, role: () => undefined, channel: () => undefined };
  const message = (content: string, more: object = {}): GatewayMessageCreateDispatchData =>
    ({
      id: '1',
      channel_id: '2',
      type: MessageType.Default,
      timestamp: '2026-01-01T00:00:00.000Z',
      author: { id: '9', username: 'ada', global_name: null },
      mentions: [],
      content,
      ...more,
    }) as unknown as GatewayMessageCreateDispatchData;

  test('never holds the bot’s mention or any other raw mention, whatever was written', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom(
        `<@${BOT}>`,
        `<@!${BOT}>`,
        '<@111>',
        '<@&222>',
        '<#333>',
        '<:a:444>',
        '</ask:555>',
        '\n',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const heard = hear(message(pieces.join('')), BOT, names);
        expect(heard?.text).not.toMatch(new RegExp(`<@!?${BOT}>|<@!?\\d+>|<@&\\d+>|<#\\d+>`));
        expect(heard?.mentionsBot).toBe(/<@!?123456789012345678>/.test(pieces.join('')));
      }),
    );
  });

  test('hostile Unicode and plain words come through as they are', () => {
    const text = 'a\u202Eb\u0000c 👩‍💻 \uD83D';
    expect(hear(message(text), BOT, names)?.text).toBe(text);
  });

  test('notices of Discord are nothing', () => {
    expect(hear(message('', { type: MessageType.UserJoin }), BOT, names)).toBeNull();
    expect(hear(message('', { type: MessageType.ChannelPinnedMessage }), BOT, names)).toBeNull();
  });

  test('who is spoken to is the first one mentioned', () => {
    expect(hear(message('<@111> hi'), BOT, names)?.speaksToOthers).toBe(true);
    expect(hear(message(` <@${BOT}> hi <@111>`), BOT, names)?.speaksToOthers).toBe(false);
    expect(hear(message('hi <@111>'), BOT, names)?.speaksToOthers).toBe(false);
  });
});

describe('tasks in turn', () => {
  test('run one after the other by key, past failures, and leave nothing behind', async () => {
    const inTurn = new InTurn();
    const order: string[] = [];
    const add = (name: string) => async () => {
      await Promise.resolve();
      order.push(name);
    };
    await Promise.all([
      inTurn.run('a', add('a1')),
      inTurn.run('a', async () => {
        throw new Error('a2');
      }),
      inTurn.run('a', add('a3')),
      inTurn.run('b', add('b1')),
    ]);
    expect(order.filter((name) => name.startsWith('a'))).toEqual(['a1', 'a3']);
    expect(order).toContain('b1');
    await inTurn.idle();
  });
});

describe('the cool-down', () => {
  test('stands for a minute, for refusals alone', async () => {
    const clock = new FakeClock();
    const coolDown = new CoolDown(clock);
    coolDown.note('1', { reason: 'forbidden', code: 50013, ambiguous: false });
    coolDown.note('2', { reason: 'unavailable', code: 0, ambiguous: true });
    expect([coolDown.refusal('1')?.code, coolDown.refusal('2'), coolDown.refusal('3')]).toEqual([
      50013,
      null,
      null,
    ]);
    await clock.advance(60_000);
    expect(coolDown.refusal('1')).toBeNull();
  });
});

describe('how far events were handled', () => {
  test('never beyond an event that is not, in whatever order they end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 9 }), { maxLength: 10 }), async (endings) => {
        const progress = new EventProgress(0);
        const events = Array.from({ length: 10 }, (_, i) => ({ ...deferred(), sequence: i + 1 }));
        for (const { promise, sequence } of events) {
          progress.heard(sequence * 100, sequence);
          progress.track(promise, sequence * 100, sequence);
        }
        const open = new Set(events);
        for (const ending of endings) {
          const event = events[ending];
          event?.resolve();
          if (event) open.delete(event);
          await Promise.resolve();
        }
        const first = Math.min(...[...open].map(({ sequence }) => sequence));
        expect(progress.handled).toEqual(
          open.size === 0 ? { sequence: 10, until: 1_000 } : { sequence: first - 1, until: first * 100 },
        );
      }),
    );
  });

  test('an event that failed was not handled; one of the session before counts by its time alone', async () => {
    const progress = new EventProgress(0);
    progress.heard(100, 7);
    progress.track(Promise.reject(new Error('stopped')), 100, 7);
    await Promise.resolve();
    progress.heard(200, 8);
    expect(progress.handled).toEqual({ sequence: 6, until: 100 });
    progress.begin(1);
    progress.heard(300, 2);
    expect(progress.handled).toEqual({ sequence: 2, until: 100 });
  });
});

test('the smallest id of a moment lies between those of the messages before and after', () => {
  // Discord's documentation: 175928847299117063 was given at 2016-04-30 11:18:25.796 UTC.
  const at = Date.UTC(2016, 3, 30, 11, 18, 25, 796);
  expect(BigInt(snowflakeAt(at))).toBeLessThanOrEqual(175928847299117063n);
  expect(BigInt(snowflakeAt(at + 1))).toBeGreaterThan(175928847299117063n);
  expect(snowflakeAt(0)).toBe('0');
});

test('a request counts until a second after its answer, and the next goes in the order it came', async () => {
  const pace = new RequestPace(2, 40);
  const sent: number[] = [];
  const answers = [deferred(), deferred(), deferred(), deferred()];
  const done = answers.map(({ promise }, i) =>
    pace.run(async () => {
      sent.push(i);
      await promise;
    }),
  );
  expect(sent).toEqual([0, 1]);
  const before = performance.now();
  for (const { resolve } of answers) resolve();
  await Promise.all(done);
  expect(sent).toEqual([0, 1, 2, 3]);
  expect(performance.now() - before).toBeGreaterThan(35);
});
