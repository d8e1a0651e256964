import { describe, expect, test } from 'vitest';
import type { DeliveryTarget } from '../../../../src/domain/turn.js';
import { drainConversation } from '../../../../src/pipeline/answer/drain-conversation.js';
import type { Delivery, PartDraft } from '../../../../src/ports/delivery/delivery.js';
import type { WakeUp } from '../../../../src/ports/turns/wake-ups.js';
import { awaitCondition } from '../../../doubles/await-condition.js';
import { deferred } from '../../../doubles/deferred.js';
import type { RecordingDelivery } from '../../../doubles/recorders/recording-delivery.js';
import { brokenStore, endless, LEASE, openAnswering, speech } from './answering.js';

const never = new AbortController().signal;

describe('draining a conversation', () => {
  const setup = openAnswering();

  test('answers all of its turns, oldest first', async () => {
    const { conversationId } = await setup.conversation(['scripted', 'scripted']);
    setup.speeches = [speech('One.'), speech('Two.')];
    const wakeUps = { add: () => Promise.reject(new Error('nobody else is needed')) };
    await drainConversation(conversationId, 'one', { ...setup.deps(), wakeUps, leaving: never }, never);
    expect(setup.delivery.texts).toEqual(['One.', 'Two.']);
  });

  test('a worker that stops finishes the turn it writes, takes no other, and leaves those to another worker', async () => {
    const { conversationId } = await setup.conversation(['scripted', 'scripted']);
    const leaving = new AbortController();
    const last = deferred();
    setup.speeches = [speech('One.', () => last.promise), speech('Two.')];
    const added: WakeUp[] = [];
    const wakeUps = { add: async (wakeUp: WakeUp) => void added.push(wakeUp) };
    const draining = drainConversation(
      conversationId,
      'one',
      { ...setup.deps(), wakeUps, leaving: leaving.signal },
      never,
    );
    await setup.shown('One.');
    leaving.abort();
    last.resolve();
    await draining;
    expect(setup.delivery.texts).toEqual(['One.']);
    expect(added).toEqual([{ conversationId }]);
    await drainConversation(conversationId, 'two', { ...setup.deps(), wakeUps, leaving: never }, never);
    expect(setup.delivery.texts).toEqual(['One.', 'Two.']);
  });

  test('a claim that is answered when its lease has run out is left to the worker that has taken over', async () => {
    const { conversationId } = await setup.conversation(['scripted']);
    const store = setup.turns().claims;
    const claims = brokenStore(store, {
      async claimNext(...claim) {
        const turn = await store.claimNext(...claim);
        if (!turn) return null;
        // The process stands still here.
        setup.clock.jump(LEASE.leaseMs);
        await setup.takenOver(turn);
        return turn;
      },
    });
    const wakeUps = { add: async () => {} };
    await drainConversation(
      conversationId,
      'one',
      { ...setup.deps(), claims, wakeUps, leaving: never },
      never,
    );
    expect(setup.delivery.calls).toEqual([]);
    expect(setup.asked).toBe(0);
  });

  test('once another worker may hold the turn, nobody who waits behind it is told anything more', async () => {
    const { conversationId } = await setup.conversation(['scripted', 'scripted', 'scripted']);
    setup.speeches = [endless('One.')];
    const told: PartDraft[] = [];
    const { delivery } = setup;
    const deliveries = new Map<string, Delivery>([
      [
        'discord',
        Object.assign(Object.create(delivery) as RecordingDelivery, {
          post: (target: DeliveryTarget, part: PartDraft, signal: AbortSignal) => {
            if (part.state !== 'placeholder') return delivery.post(target, part, signal);
            told.push(part);
            return new Promise((_, reject) => {
              signal.addEventListener('abort', () => reject(signal.reason), { once: true });
            });
          },
        }),
      ],
    ]);
    const wakeUps = { add: () => Promise.reject(new Error('nobody else is needed')) };
    const deps = { ...setup.deps({ deliveries }), wakeUps, leaving: never };
    const draining = drainConversation(conversationId, 'one', deps, never);
    await setup.shown('One.');
    await setup.inTime(awaitCondition(() => told.length > 0));
    const { prisma } = setup.database();
    const running = await prisma.turn.findFirstOrThrow({ where: { conversationId, state: 'running' } });
    await setup.change(running.id, { leaseUntil: new Date(0) });
    await setup.claim(conversationId, 'two');
    await setup.inTime(draining);
    expect(told).toHaveLength(1);
    expect(told).toEqual([expect.objectContaining({ certainlyNew: true, unlessThere: true })]);
  });
});
