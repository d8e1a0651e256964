import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { IncomingMessage } from '../../../src/domain/turn.js';
import { announceWaiting } from '../../../src/pipeline/announce-waiting.js';
import type { Database } from '../../../src/storage/database.js';
import { PrismaTurnStore } from '../../../src/storage/turn-store.js';
import { awaitCondition } from '../../doubles/await-condition.js';
import { FakeClock } from '../../doubles/fake-clock.js';
import { RecordedLog } from '../../doubles/recorded-log.js';
import { RecordingDelivery } from '../../doubles/recording-delivery.js';
import { openTestDatabase } from '../../fixtures/open-test-database.js';

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

describe('announceWaiting', () => {
  test('tells each waiting asker their place once, where the reply will stand', async () => {
    const turns = new PrismaTurnStore(database.prisma);
    const [first, second, third] = await Promise.all(
      ['one', '二', 'three'].map((text) => turns.record(message('waiting', text), 'channel')),
    ).then((recorded) => recorded.sort((a, b) => a.turnId - b.turnId));
    if (!first || !second || !third) throw new Error('not recorded');
    const running = await turns.claimNext(first.conversationId, 'worker', 60_000);
    if (running?.id !== first.turnId) throw new Error('not claimed');

    const delivery = new RecordingDelivery();
    const clock = new FakeClock();
    const over = new AbortController();
    const deps = {
      turns,
      deliveries: new Map([['discord', delivery]]),
      settingsAt: async () => ({ language: 'auto' as const }),
      clock,
      log: new RecordedLog(),
      check: () => {},
    };
    const announcing = announceWaiting(running, deps, over.signal, new AbortController().signal);
    await awaitCondition(() => clock.sleeping === 1);
    expect(delivery.calls).toEqual([]);
    await clock.advance(3_000);
    await awaitCondition(() => clock.sleeping === 1);
    expect(delivery.calls).toHaveLength(2);
    expect(new Set(delivery.texts).size).toBe(2);
    await clock.advance(3_000);
    await awaitCondition(() => clock.sleeping === 1);
    expect(delivery.calls).toHaveLength(2);
    over.abort();
    await announcing;

    await turns.finish(running, { state: 'cancelled' });
    const next = await turns.claimNext(first.conversationId, 'worker', 60_000);
    expect(next).toMatchObject({
      id: second.turnId,
      attempt: 2,
      parts: [{ index: 0, messageId: `m${second.turnId}-0` }],
    });
    expect(
      await turns.recordWaitingPart(
        { ...third, id: second.turnId, revision: 0, target: { platform: 'discord' }, text: '' },
        { index: 1, messageId: 'late' },
      ),
    ).toBe(false);
  });

  test('speaks the language that the place is set to', async () => {
    const turns = new PrismaTurnStore(database.prisma);
    const { conversationId } = await turns.record(message('zh', 'one'), 'channel');
    await turns.record(message('zh', 'two'), 'channel');
    const running = await turns.claimNext(conversationId, 'worker', 60_000);
    if (!running) throw new Error('not claimed');
    const delivery = new RecordingDelivery();
    const clock = new FakeClock();
    const over = new AbortController();
    const deps = {
      turns,
      deliveries: new Map([['discord', delivery]]),
      settingsAt: async ({ channel }: { channel: string }) => ({
        language: channel === 'zh' ? ('zh' as const) : ('en' as const),
      }),
      clock,
      log: new RecordedLog(),
      check: () => {},
    };
    const announcing = announceWaiting(running, deps, over.signal, new AbortController().signal);
    await awaitCondition(() => clock.sleeping === 1);
    await clock.advance(3_000);
    await awaitCondition(() => clock.sleeping === 1);
    over.abort();
    await announcing;
    expect(delivery.texts).toEqual([expect.stringMatching(/\p{Script=Han}/u)]);
  });

  test('says nothing once another attempt may run', async () => {
    const turns = new PrismaTurnStore(database.prisma);
    const { conversationId } = await turns.record(message('late', 'one'), 'channel');
    await turns.record(message('late', 'two'), 'channel');
    const running = await turns.claimNext(conversationId, 'worker', 60_000);
    if (!running) throw new Error('not claimed');
    const delivery = new RecordingDelivery();
    const clock = new FakeClock();
    const deps = {
      turns,
      deliveries: new Map([['discord', delivery]]),
      settingsAt: async () => ({ language: 'auto' as const }),
      clock,
      log: new RecordedLog(),
      check: () => {
        throw new Error('the lease ran out');
      },
    };
    const never = new AbortController().signal;
    const announcing = announceWaiting(running, deps, never, never);
    await awaitCondition(() => clock.sleeping === 1);
    await clock.advance(3_000);
    await announcing;
    expect(delivery.calls).toEqual([]);
  });

  test('says nothing where nobody waits', async () => {
    const turns = new PrismaTurnStore(database.prisma);
    const { conversationId } = await turns.record(message('alone', 'one'), 'channel');
    expect(await turns.takeWaiting(conversationId, 5)).toEqual([]);
    await turns.claimNext(conversationId, 'worker', 60_000);
    expect(await turns.takeWaiting(conversationId, 5)).toEqual([]);
  });
});
