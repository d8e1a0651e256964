import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Address } from '../../../src/domain/address.js';
import { awaitCondition } from '../../doubles/await-condition.js';
import { ADA, BEN, generated, incoming, newChannel } from '../../fixtures/incoming-message.js';
import type { Turns } from '../../fixtures/open-turns.js';
import type { TurnsSetting } from './turns-setting.js';

/** How turns are found again, and what is kept about them. */
export function describeLookingUp(setting: TurnsSetting): void {
  describe('looking up', () => {
    const { record, claim, answered } = setting;
    let turns: Turns;
    beforeAll(() => {
      turns = setting.turns;
    });

    test('finds nothing of what does not exist', async () => {
      expect(await turns.lookup.find(2_000_000_000)).toBeNull();
      expect(await turns.lookup.findByPart('discord', 'nothing')).toBeNull();
      expect(await turns.lookup.latest(2_000_000_000)).toBeNull();
      expect(await turns.lookup.takesPart(newChannel())).toBe(false);
      expect(await turns.control.requestStop(2_000_000_000)).toBe(false);
    });

    test('finds a turn by part, and as the latest', async () => {
      const address = { ...newChannel(), thread: '1.2' };
      const message = incoming(address);
      const { turnId, conversationId } = await turns.recorder.record(message, 'channel');
      const turn = await claim(conversationId);
      const messageId = randomUUID();
      await turns.claims.recordPart(turn, { index: 0, messageId });
      expect((await turns.lookup.findByPart('discord', messageId))?.id).toBe(turnId);
      expect(await turns.lookup.findByPart('slack', messageId)).toBeNull();
      expect((await turns.lookup.latest(conversationId))?.id).toBe(turnId);
      await turns.claims.removePart(turn, 0);
      expect(await turns.lookup.findByPart('discord', messageId)).toBeNull();
    });

    test('takes part where somebody spoke to it, and not in the channel around', async () => {
      const channel = newChannel();
      const thread: Address = { ...channel, thread: '1.2', kind: 'thread' };
      await turns.recorder.record(incoming(thread), 'user');
      expect(await turns.lookup.takesPart(thread)).toBe(true);
      expect(await turns.lookup.takesPart(channel)).toBe(false);
    });

    const overdueAfter = async (ms: number) =>
      (await turns.upkeep.overdue(ms, 1000)).map(({ conversationId }) => conversationId);

    test('lists conversations whose wake-up may be lost', async () => {
      const waiting = await record(newChannel());
      const held = await record(newChannel());
      await claim(held.conversationId);
      const dead = await record(newChannel());
      await claim(dead.conversationId, 0);
      const done = await answered(newChannel());
      let overdue: readonly number[] = [];
      await awaitCondition(async () => {
        overdue = await overdueAfter(0);
        return overdue.includes(waiting.conversationId) && overdue.includes(dead.conversationId);
      });
      expect(overdue).not.toContain(held.conversationId);
      expect(overdue).not.toContain(done.conversationId);
      expect(await overdueAfter(3_600_000)).not.toContain(waiting.conversationId);
      expect(await turns.upkeep.overdue(0, 1)).toHaveLength(1);
    });

    test('says of an overdue conversation what its oldest unfinished turn asks for', async () => {
      const channel = newChannel();
      const thread: Address = { ...channel, thread: '1.2', kind: 'thread' };
      const { conversationId } = await turns.recorder.record(
        incoming(channel, { model: 'large' }),
        'channel',
      );
      await claim(conversationId, 0);
      await turns.recorder.record(incoming(channel, { model: 'small' }), 'channel');
      const plain = await turns.recorder.record(incoming(thread), 'channel');
      const find = async (id: number) =>
        (await turns.upkeep.overdue(0, 1000)).find((found) => found.conversationId === id);
      await awaitCondition(async () => (await find(plain.conversationId)) !== undefined);
      expect(await find(conversationId)).toEqual({ conversationId, model: 'large', address: channel });
      expect(await find(plain.conversationId)).toMatchObject({ model: null, address: thread });
    });

    test('tells how much waits and runs, and how long the oldest has waited', async () => {
      const before = await turns.upkeep.backlog();
      const { turnId, conversationId } = await record(newChannel());
      const recorded = await turns.upkeep.backlog();
      expect(recorded.pending).toBe(before.pending + 1);
      expect(recorded.oldestPendingMs).toBeGreaterThan(0);
      expect(recorded.oldestPendingMs).toBeLessThan(600_000);
      const turn = await claim(conversationId);
      expect(await turns.upkeep.backlog()).toMatchObject({
        pending: before.pending,
        running: before.running + 1,
      });
      await turns.claims.finish(turn, { state: 'done', ...generated('Fine.') });
      expect(await turns.upkeep.backlog()).toMatchObject({
        pending: before.pending,
        running: before.running,
      });
      await turns.control.regenerate(turnId);
      expect((await turns.upkeep.backlog()).pending).toBe(before.pending + 1);
      await turns.claims.finish(await claim(conversationId), { state: 'cancelled' });
    });

    test('erases a credential once it has run out and its turn has ended, and nothing else', async () => {
      const expiring = (expiresAt: number) => ({
        target: { platform: 'discord', channel: 'c', credential: { token: 'hush', expiresAt } } as const,
      });
      const running = await record(newChannel(), expiring(1_000));
      const turn = await claim(running.conversationId);
      const ended = await record(newChannel(), expiring(1_000));
      await turns.claims.finish(await claim(ended.conversationId), { state: 'done', ...generated('Fine.') });
      const alive = await record(newChannel(), expiring(5_000));
      await turns.claims.finish(await claim(alive.conversationId), { state: 'done', ...generated('Fine.') });
      const target = async ({ turnId, conversationId }: typeof ended) => {
        await turns.control.regenerate(turnId);
        const again = await claim(conversationId);
        await turns.claims.finish(again, { state: 'done', ...generated('Fine.') });
        return again.target;
      };
      const mark = await turns.upkeep.eraseCredentials(0, new Date(2_000));
      expect(mark).toBeLessThan(running.turnId);
      expect(await target(ended)).toEqual({ platform: 'discord', channel: 'c' });
      expect(await target(alive)).toEqual(expiring(5_000).target);
      await turns.claims.finish(turn, { state: 'done', ...generated('Fine.') });
      expect(await turns.upkeep.eraseCredentials(mark, new Date(2_000))).toBeLessThan(alive.turnId);
      expect(await target(running)).toEqual({ platform: 'discord', channel: 'c' });
      await turns.upkeep.eraseCredentials(mark, new Date(6_000));
      expect(await target(alive)).toEqual({ platform: 'discord', channel: 'c' });
    });

    test('takes votes, the last of each person, and none for an unknown turn', async () => {
      const { turnId } = await answered(newChannel());
      await turns.votes.cast(turnId, ADA.key, 1);
      await turns.votes.cast(turnId, ADA.key, -1);
      await turns.votes.cast(turnId, BEN.key, 1);
      await turns.votes.cast(turnId, BEN.key, 0);
      await turns.votes.cast(turnId, BEN.key, 0);
      await turns.votes.cast(2_000_000_000, ADA.key, 1);
    });
  });
}
