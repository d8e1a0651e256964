import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Address } from '../../../../src/domain/address.js';
import type { IncomingMessage } from '../../../../src/domain/turn.js';
import { announceWaiting } from '../../../../src/pipeline/answer/announce-waiting.js';
import type { RecordedTurn } from '../../../../src/ports/turns/turn-recorder.js';
import type { Database } from '../../../../src/storage/database/database.js';
import { awaitCondition } from '../../../doubles/await-condition.js';
import { FakeClock } from '../../../doubles/clocks/fake-clock.js';
import { RecordedLog } from '../../../doubles/recorders/recorded-log.js';
import { RecordingDelivery } from '../../../doubles/recorders/recording-delivery.js';
import { openTestDatabase } from '../../../fixtures/open-test-database.js';
import { openTurns } from '../../../fixtures/open-turns.js';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.stop());

const message = (channel: string, text: string): IncomingMessage => ({
  key: `discord/${channel}/${text}`,
  address: { platform: 'discord', app: 'A', workspace: 'G', channel, kind: 'channel' },
  author: { key: 'discord/1', id: '1', name: 'Ada' },
  text,
  target: { platform: 'discord' },
});

/** Announces, of two or more questions, those that wait behind the first. */
async function announcing(
  channel: string,
  texts: readonly string[],
  { language = 'auto', check = () => {} }: { language?: 'auto' | 'zh'; check?: () => void } = {},
) {
  const turns = openTurns(database.prisma);
  const recorded: RecordedTurn[] = [];
  for (const text of texts) recorded.push(await turns.recorder.record(message(channel, text), 'channel'));
  const running = await turns.claims.claimNext(recorded[0]?.conversationId ?? 0, 'worker', 60_000);
  if (!running) throw new Error('not claimed');
  const delivery = new RecordingDelivery();
  const clock = new FakeClock();
  const over = new AbortController();
  const deps = {
    waiting: turns.waiting,
    deliveries: new Map([['discord', delivery]]),
    settingsAt: async (address: Address) => ({
      language: address.channel === channel ? language : ('en' as const),
    }),
    clock,
    log: new RecordedLog(),
    check,
  };
  const ended = announceWaiting(running, deps, over.signal, new AbortController().signal);
  await awaitCondition(() => clock.sleeping === 1);
  return { turns, recorded, running, delivery, clock, over, ended };
}

describe('announceWaiting', () => {
  test('tells each waiting asker their place once, where the reply will stand', async () => {
    const waiting = await announcing('waiting', ['one', '二', 'three']);
    const { turns, recorded, running, delivery, clock, over, ended } = waiting;
    const [first, second, third] = recorded;
    if (!first || !second || !third) throw new Error('not recorded');
    expect(running.id).toBe(first.turnId);
    expect(delivery.calls).toEqual([]);
    await clock.advance(3_000);
    await awaitCondition(() => clock.sleeping === 1);
    expect(delivery.calls).toHaveLength(2);
    expect(new Set(delivery.texts).size).toBe(2);
    await clock.advance(3_000);
    await awaitCondition(() => clock.sleeping === 1);
    expect(delivery.calls).toHaveLength(2);
    over.abort();
    await ended;

    await turns.claims.finish(running, { state: 'cancelled' });
    const next = await turns.claims.claimNext(first.conversationId, 'worker', 60_000);
    expect(next).toMatchObject({
      id: second.turnId,
      attempt: 2,
      parts: [{ index: 0, messageId: `m${second.turnId}-0` }],
    });
    expect(
      await turns.waiting.recordPart(
        { ...third, id: second.turnId, revision: 0, target: { platform: 'discord' }, text: '' },
        { index: 1, messageId: 'late' },
      ),
    ).toBe(false);
  });

  test('speaks the language that the place is set to', async () => {
    const { delivery, clock, over, ended } = await announcing('zh', ['one', 'two'], { language: 'zh' });
    await clock.advance(3_000);
    await awaitCondition(() => clock.sleeping === 1);
    over.abort();
    await ended;
    expect(delivery.texts).toEqual([expect.stringMatching(/\p{Script=Han}/u)]);
  });

  test('says nothing once another attempt may run', async () => {
    const { delivery, clock, ended } = await announcing('late', ['one', 'two'], {
      check: () => {
        throw new Error('the lease ran out');
      },
    });
    await clock.advance(3_000);
    await ended;
    expect(delivery.calls).toEqual([]);
  });

  test('says nothing where nobody waits', async () => {
    const turns = openTurns(database.prisma);
    const { conversationId } = await turns.recorder.record(message('alone', 'one'), 'channel');
    expect(await turns.waiting.take(conversationId, 5)).toEqual([]);
    await turns.claims.claimNext(conversationId, 'worker', 60_000);
    expect(await turns.waiting.take(conversationId, 5)).toEqual([]);
  });
});
