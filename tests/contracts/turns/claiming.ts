import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Address } from '../../../src/domain/address.js';
import type { ClaimedTurn } from '../../../src/domain/turn.js';
import { awaitCondition } from '../../doubles/await-condition.js';
import { ADA, generated, incoming, newChannel } from '../../fixtures/incoming-message.js';
import type { Turns } from '../../fixtures/open-turns.js';
import { LEASE_MS, type TurnsSetting } from './turns-setting.js';

/** Who works on a turn, and for how long. */
export function describeClaiming(setting: TurnsSetting): void {
  describe('claiming', () => {
    const { record, claim } = setting;
    let turns: Turns;
    beforeAll(() => {
      turns = setting.turns;
    });

    test('gives all that was recorded', async () => {
      const address: Address = { ...newChannel(), thread: '17.5', parent: 'above', kind: 'thread' };
      const message = incoming(address, {
        quoted: { author: 'Cleo', text: 'earlier' },
        model: 'large',
        sampling: { temperature: 0.2 },
      });
      const { turnId, conversationId } = await turns.recorder.record(message, 'channel');
      const turn = await claim(conversationId);
      expect(turn).toEqual({
        id: turnId,
        conversationId,
        attempt: 1,
        revision: 0,
        address,
        author: ADA,
        text: message.text,
        quoted: message.quoted,
        target: message.target,
        model: 'large',
        sampling: { temperature: 0.2 },
        parts: [],
        acceptedAt: expect.any(Date),
        stopRequested: false,
        forgotten: false,
        kept: null,
      });
      expect(Math.abs(turn.acceptedAt.getTime() - Date.now())).toBeLessThan(60_000);
    });

    test('gives a turn to one of many workers', async () => {
      const address = newChannel();
      const { conversationId } = await record(address);
      await record(address);
      const claims = await Promise.all(
        Array.from({ length: 20 }, (_, n) => turns.claims.claimNext(conversationId, `worker-${n}`, LEASE_MS)),
      );
      expect(claims.filter(Boolean)).toHaveLength(1);
    });

    test('gives the turns of a conversation in order, one at a time', async () => {
      const address = newChannel();
      const recorded = [await record(address), await record(address), await record(address)];
      const { conversationId } = recorded[0] ?? { conversationId: 0 };
      const order: number[] = [];
      for (let n = 0; n < recorded.length; n++) {
        const turn = await claim(conversationId);
        expect(await turns.claims.claimNext(conversationId, 'other', LEASE_MS)).toBeNull();
        order.push(turn.id);
        await turns.claims.finish(turn, { state: 'done', ...generated('Yes.') });
      }
      expect(order).toEqual(recorded.map(({ turnId }) => turnId));
      expect(await turns.claims.claimNext(conversationId, 'worker', LEASE_MS)).toBeNull();
    });

    test('holds nobody up in other conversations', async () => {
      const [here, there] = [await record(newChannel()), await record(newChannel())];
      await claim(here.conversationId);
      expect(await turns.claims.claimNext(there.conversationId, 'worker', LEASE_MS)).not.toBeNull();
    });

    test('lets the next worker take over when the lease has run out, with the parts posted', async () => {
      const { conversationId } = await record(newChannel());
      const first = await claim(conversationId, 0);
      await turns.claims.recordPart(first, { index: 0, messageId: 'm0' });
      await turns.claims.recordPart(first, { index: 1, messageId: 'm1' });
      await turns.claims.recordPart(first, { index: 1, messageId: 'm1b' });
      let second: ClaimedTurn | null = null;
      await awaitCondition(async () => {
        second = await turns.claims.claimNext(conversationId, 'other', LEASE_MS);
        return second !== null;
      });
      expect(second).toMatchObject({
        id: first.id,
        attempt: 2,
        parts: [
          { index: 0, messageId: 'm0' },
          { index: 1, messageId: 'm1b' },
        ],
      });
    });

    test('refuses every write of an attempt that was overtaken', async () => {
      const { turnId, conversationId } = await record(newChannel());
      const old = await claim(conversationId);
      await turns.claims.recordPart(old, { index: 0, messageId: 'm0' });
      await turns.claims.release(old);
      const current = await claim(conversationId);
      expect(await turns.claims.renew(old, LEASE_MS)).toEqual({ held: false, stopRequested: false });
      expect(await turns.claims.recordPart(old, { index: 0, messageId: 'stale' })).toBe(false);
      expect(await turns.claims.keepReply(old, generated('stale'))).toBe(false);
      expect(await turns.claims.finish(old, { state: 'done', ...generated('stale') })).toBe(false);
      await turns.claims.removePart(old, 0);
      await turns.claims.release(old);
      expect(await turns.lookup.find(turnId)).toMatchObject({ state: 'running', outcome: null });
      expect(await turns.lookup.findByPart('discord', 'stale')).toBeNull();
      expect(await turns.claims.renew(current, LEASE_MS)).toEqual({ held: true, stopRequested: false });
      await turns.claims.release(current);
      expect((await claim(conversationId)).parts).toEqual([{ index: 0, messageId: 'm0' }]);
    });

    test('a prolonged lease holds', async () => {
      const { conversationId } = await record(newChannel());
      const turn = await claim(conversationId, 0);
      expect((await turns.claims.renew(turn, LEASE_MS)).held).toBe(true);
      expect(await turns.claims.claimNext(conversationId, 'other', LEASE_MS)).toBeNull();
    });

    test('frees the leases of one owner', async () => {
      const owner = `worker-${randomUUID()}`;
      const [mine, other] = [await record(newChannel()), await record(newChannel())];
      await claim(mine.conversationId, LEASE_MS, owner);
      await claim(other.conversationId);
      expect(await turns.upkeep.abandonLeases(owner)).toBe(1);
      expect((await claim(mine.conversationId)).attempt).toBe(2);
      expect(await turns.claims.claimNext(other.conversationId, 'x', LEASE_MS)).toBeNull();
    });
  });
}
