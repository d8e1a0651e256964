import { beforeAll, describe, expect, test } from 'vitest';
import { ADA, generated, newChannel } from '../../fixtures/incoming-message.js';
import type { Turns } from '../../fixtures/open-turns.js';
import { LEASE_MS, type TurnsSetting } from './turns-setting.js';

/** How turns end, are stopped and begin again. */
export function describeEnding(setting: TurnsSetting): void {
  describe('ending', () => {
    const { record, claim } = setting;
    let turns: Turns;
    beforeAll(() => {
      turns = setting.turns;
    });

    test('keeps the whole outcome, once', async () => {
      const { turnId, conversationId } = await record(newChannel());
      const turn = await claim(conversationId);
      expect(await turns.claims.finish(turn, { state: 'done', ...generated('Fine.') })).toBe(true);
      expect(await turns.claims.finish(turn, { state: 'done', ...generated('Twice.') })).toBe(false);
      expect(await turns.lookup.find(turnId)).toEqual({
        id: turnId,
        conversationId,
        state: 'done',
        authorKey: ADA.key,
        outcome: { state: 'done', ...generated('Fine.') },
      });
    });

    test.each([
      { state: 'failed', kind: 'provider-unavailable', notice: 'Nobody answers.' },
      { state: 'failed', kind: 'bug', notice: 'Something broke.' },
      { state: 'cancelled' },
    ] as const)('keeps $state $kind', async (outcome) => {
      const { turnId, conversationId } = await record(newChannel());
      await turns.claims.finish(await claim(conversationId), outcome);
      expect((await turns.lookup.find(turnId))?.outcome).toEqual(outcome);
      expect(await turns.lookup.unfinished(conversationId)).toEqual([]);
    });

    test('hands a reply kept by a dead attempt to the next one', async () => {
      const { conversationId } = await record(newChannel());
      const turn = await claim(conversationId);
      expect(await turns.claims.keepReply(turn, generated('Made once.'))).toBe(true);
      await turns.claims.release(turn);
      expect((await claim(conversationId)).kept).toEqual(generated('Made once.'));
    });

    test('asks a turn to stop until it has ended', async () => {
      const { turnId, conversationId } = await record(newChannel());
      expect(await turns.control.requestStop(turnId)).toBe(true);
      const turn = await claim(conversationId);
      expect(turn.stopRequested).toBe(true);
      expect(await turns.claims.renew(turn, LEASE_MS)).toEqual({ held: true, stopRequested: true });
      await turns.claims.finish(turn, { state: 'cancelled' });
      expect(await turns.control.requestStop(turnId)).toBe(false);
    });

    test('abandons the unfinished turns of a place, and of no other', async () => {
      const target = { platform: 'slack', app: 'A1', team: `T-${newChannel().channel}` } as const;
      const [here, alsoHere] = [newChannel(), newChannel()];
      const done = await record(here, { target: { ...target, channel: 'C1' } });
      await turns.claims.finish(await claim(done.conversationId), { state: 'done', ...generated('Fine.') });
      const running = await record(here, { target: { ...target, channel: 'C1' } });
      const claimed = await claim(running.conversationId);
      const waiting = await record(here, { target: { ...target, channel: 'C1' } });
      const kept = await record(alsoHere, { target: { ...target, channel: 'C2' } });
      const keeping = await claim(kept.conversationId);
      await turns.claims.keepReply(keeping, generated('Made, not delivered.'));
      await turns.claims.release(keeping);
      const elsewhere = await record(newChannel(), { target: { ...target, team: `${target.team}-other` } });
      const otherApp = await record(newChannel(), { target: { ...target, app: 'A2' } });

      const abandoned = await turns.control.abandon(target);
      expect({ ...abandoned, ended: [...abandoned.ended].sort() }).toEqual({
        ended: [waiting.turnId, kept.turnId].sort(),
        running: [running.turnId],
      });
      const outcome = { state: 'failed', kind: 'delivery-failed', notice: '' };
      for (const { turnId } of [waiting, kept])
        expect(await turns.lookup.find(turnId)).toMatchObject({ state: 'failed', outcome });
      expect(await turns.claims.claimNext(kept.conversationId, 'worker', LEASE_MS)).toBeNull();
      expect(await turns.lookup.find(done.turnId)).toMatchObject({ state: 'done' });
      expect(await turns.claims.renew(claimed, LEASE_MS)).toEqual({ held: true, stopRequested: true });
      for (const { turnId } of [elsewhere, otherApp])
        expect(await turns.lookup.find(turnId)).toMatchObject({ state: 'pending' });
      expect(await turns.control.abandon(target)).toEqual({ ended: [], running: [running.turnId] });
    });

    test('regenerates a finished turn, before younger ones, with the same parts', async () => {
      const address = newChannel();
      const { turnId, conversationId } = await record(address);
      expect(await turns.control.regenerate(turnId)).toBe(false);
      const first = await claim(conversationId);
      await turns.claims.recordPart(first, { index: 0, messageId: `part-${turnId}` });
      await turns.control.requestStop(turnId);
      await turns.claims.finish(first, { state: 'done', ...generated('Fine.') });
      await record(address);
      const changes = await Promise.all([turns.control.regenerate(turnId), turns.control.regenerate(turnId)]);
      expect(changes.filter(Boolean)).toHaveLength(1);
      expect(await claim(conversationId)).toMatchObject({
        id: turnId,
        attempt: 2,
        revision: 1,
        stopRequested: false,
        kept: null,
        parts: [{ index: 0, messageId: `part-${turnId}` }],
      });
    });
  });
}
