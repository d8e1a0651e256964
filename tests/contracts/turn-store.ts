import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Address } from '../../src/domain/address.js';
import type { ClaimedTurn, IncomingMessage } from '../../src/domain/turn.js';
import type { TurnStore } from '../../src/ports/turn-store.js';
import { awaitCondition } from '../doubles/await-condition.js';
import { ADA, BEN, generated, incoming, newChannel } from '../fixtures/incoming-message.js';

const LEASE_MS = 60_000;

export interface TurnStoreHarness {
  readonly turns: TurnStore;
  stop(): Promise<void>;
}

/** What every TurnStore does. */
export function describeTurnStore(name: string, open: () => Promise<TurnStoreHarness>): void {
  describe(`a turn store on ${name}`, () => {
    let harness: TurnStoreHarness;
    let turns: TurnStore;

    beforeAll(async () => {
      harness = await open();
      turns = harness.turns;
    });
    afterAll(() => harness?.stop());

    const record = (address: Address, more: Partial<IncomingMessage> = {}) =>
      turns.record(incoming(address, more), 'channel');

    async function claim(conversationId: number, leaseMs = LEASE_MS, owner = 'worker'): Promise<ClaimedTurn> {
      const turn = await turns.claimNext(conversationId, owner, leaseMs);
      if (!turn) throw new Error('nothing to claim');
      return turn;
    }

    async function answered(address: Address, reply = 'Fine.') {
      const { turnId, conversationId } = await record(address);
      await turns.finish(await claim(conversationId), { state: 'done', ...generated(reply) });
      return { turnId, conversationId };
    }

    describe('recording', () => {
      test('writes one turn for one key, however many record it at once', async () => {
        // The first round only opens connections: those of the later ones truly meet.
        for (let round = 0; round < 5; round++) {
          const message = incoming(newChannel());
          const recorded = await Promise.all(
            Array.from({ length: 50 }, () => turns.record(message, 'channel')),
          );
          const [{ turnId, conversationId } = { turnId: 0, conversationId: 0 }] = recorded;
          expect(recorded.filter(({ created }) => created)).toHaveLength(1);
          for (const each of recorded) expect(each).toMatchObject({ turnId, conversationId });
          expect((await turns.unfinished(conversationId)).map(({ id }) => id)).toEqual([turnId]);
        }
      });

      test('puts many messages at once into one conversation', async () => {
        const address = newChannel();
        const recorded = await Promise.all(Array.from({ length: 20 }, () => record(address)));
        const [{ conversationId } = { conversationId: 0 }] = recorded;
        const ids = (await turns.unfinished(conversationId)).map(({ id }) => id);
        expect(ids).toEqual(recorded.map(({ turnId }) => turnId).sort((a, b) => a - b));
      });

      test('counts the turns before', async () => {
        const address = newChannel();
        const first = await record(address);
        expect(first).toMatchObject({ created: true, ahead: 0 });
        expect(await record(address)).toMatchObject({ ahead: 1 });
        expect(await record(address)).toMatchObject({ ahead: 2 });
        await turns.finish(await claim(first.conversationId), { state: 'cancelled' });
        expect(await record(address)).toMatchObject({ ahead: 2 });
      });

      test('keeps one conversation for each user where the scope says so', async () => {
        const address = newChannel();
        const mine = await turns.record(incoming(address), 'user');
        const yours = await turns.record(incoming(address, { author: BEN }), 'user');
        const ours = await turns.record(incoming(address), 'channel');
        const ids = [mine, yours, ours].map(({ conversationId }) => conversationId);
        expect(new Set(ids).size).toBe(3);
      });

      test.each([
        ['NUL', 'a\0b', 'ab'],
        ['half an emoji', 'a\ud83d', 'a\ufffd'],
        ['the other half', '\ude00z', '\ufffdz'],
        ['quotes and backslashes', `'; DROP TABLE turn; -- \\ "`, `'; DROP TABLE turn; -- \\ "`],
        ['direction marks and combining signs', '\u202eabc\u0301\u0301', '\u202eabc\u0301\u0301'],
        ['a long text', '😀'.repeat(50_000), '😀'.repeat(50_000)],
      ])('takes %s in every text', async (_name, given, kept) => {
        const short = given.slice(0, 60);
        const keptShort = short.toWellFormed().replaceAll('\0', '');
        const address = { ...newChannel(), thread: short };
        const { conversationId } = await record(address, {
          key: randomUUID() + short,
          platformMessageId: short,
          author: { ...ADA, name: short },
          text: given,
          quoted: { author: short, text: given },
          target: { platform: 'discord', note: short },
          sampling: { stop: [short] },
        });
        const turn = await claim(conversationId);
        expect(turn).toMatchObject({
          text: kept,
          quoted: { author: keptShort, text: kept },
          author: { ...ADA, name: keptShort },
          target: { platform: 'discord', note: keptShort },
          sampling: { stop: [keptShort] },
        });
        expect(await turns.finish(turn, { state: 'done', ...generated(given) })).toBe(true);
        expect((await turns.find(turn.id))?.outcome).toMatchObject({ reply: kept });
      });
    });

    describe('claiming', () => {
      test('gives all that was recorded', async () => {
        const address: Address = { ...newChannel(), thread: '17.5', parent: 'above', kind: 'thread' };
        const message = incoming(address, {
          quoted: { author: 'Cleo', text: 'earlier' },
          model: 'large',
          sampling: { temperature: 0.2 },
        });
        const { turnId, conversationId } = await turns.record(message, 'channel');
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
          kept: null,
        });
        expect(Math.abs(turn.acceptedAt.getTime() - Date.now())).toBeLessThan(60_000);
      });

      test('gives a turn to one of many workers', async () => {
        const address = newChannel();
        const { conversationId } = await record(address);
        await record(address);
        const claims = await Promise.all(
          Array.from({ length: 20 }, (_, n) => turns.claimNext(conversationId, `worker-${n}`, LEASE_MS)),
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
          expect(await turns.claimNext(conversationId, 'other', LEASE_MS)).toBeNull();
          order.push(turn.id);
          await turns.finish(turn, { state: 'done', ...generated('Yes.') });
        }
        expect(order).toEqual(recorded.map(({ turnId }) => turnId));
        expect(await turns.claimNext(conversationId, 'worker', LEASE_MS)).toBeNull();
      });

      test('holds nobody up in other conversations', async () => {
        const [here, there] = [await record(newChannel()), await record(newChannel())];
        await claim(here.conversationId);
        expect(await turns.claimNext(there.conversationId, 'worker', LEASE_MS)).not.toBeNull();
      });

      test('lets the next worker take over when the lease has run out, with the parts posted', async () => {
        const { conversationId } = await record(newChannel());
        const first = await claim(conversationId, 0);
        await turns.recordPart(first, { index: 0, messageId: 'm0' });
        await turns.recordPart(first, { index: 1, messageId: 'm1' });
        await turns.recordPart(first, { index: 1, messageId: 'm1b' });
        let second: ClaimedTurn | null = null;
        await awaitCondition(async () => {
          second = await turns.claimNext(conversationId, 'other', LEASE_MS);
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
        await turns.recordPart(old, { index: 0, messageId: 'm0' });
        await turns.release(old);
        const current = await claim(conversationId);
        expect(await turns.renew(old, LEASE_MS)).toEqual({ held: false, stopRequested: false });
        expect(await turns.recordPart(old, { index: 0, messageId: 'stale' })).toBe(false);
        expect(await turns.keepReply(old, generated('stale'))).toBe(false);
        expect(await turns.finish(old, { state: 'done', ...generated('stale') })).toBe(false);
        await turns.removePart(old, 0);
        await turns.release(old);
        expect(await turns.find(turnId)).toMatchObject({ state: 'running', outcome: null });
        expect(await turns.findByPart('discord', 'stale')).toBeNull();
        expect(await turns.renew(current, LEASE_MS)).toEqual({ held: true, stopRequested: false });
        await turns.release(current);
        expect((await claim(conversationId)).parts).toEqual([{ index: 0, messageId: 'm0' }]);
      });

      test('a prolonged lease holds', async () => {
        const { conversationId } = await record(newChannel());
        const turn = await claim(conversationId, 0);
        expect((await turns.renew(turn, LEASE_MS)).held).toBe(true);
        expect(await turns.claimNext(conversationId, 'other', LEASE_MS)).toBeNull();
      });

      test('frees the leases of one owner', async () => {
        const owner = `worker-${randomUUID()}`;
        const [mine, other] = [await record(newChannel()), await record(newChannel())];
        await claim(mine.conversationId, LEASE_MS, owner);
        await claim(other.conversationId);
        expect(await turns.abandonLeases(owner)).toBe(1);
        expect((await claim(mine.conversationId)).attempt).toBe(2);
        expect(await turns.claimNext(other.conversationId, 'x', LEASE_MS)).toBeNull();
      });
    });

    describe('ending', () => {
      test('keeps the whole outcome, once', async () => {
        const { turnId, conversationId } = await record(newChannel());
        const turn = await claim(conversationId);
        expect(await turns.finish(turn, { state: 'done', ...generated('Fine.') })).toBe(true);
        expect(await turns.finish(turn, { state: 'done', ...generated('Twice.') })).toBe(false);
        expect(await turns.find(turnId)).toEqual({
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
        await turns.finish(await claim(conversationId), outcome);
        expect((await turns.find(turnId))?.outcome).toEqual(outcome);
        expect(await turns.unfinished(conversationId)).toEqual([]);
      });

      test('hands a reply kept by a dead attempt to the next one', async () => {
        const { conversationId } = await record(newChannel());
        const turn = await claim(conversationId);
        expect(await turns.keepReply(turn, generated('Made once.'))).toBe(true);
        await turns.release(turn);
        expect((await claim(conversationId)).kept).toEqual(generated('Made once.'));
      });

      test('asks a turn to stop until it has ended', async () => {
        const { turnId, conversationId } = await record(newChannel());
        expect(await turns.requestStop(turnId)).toBe(true);
        const turn = await claim(conversationId);
        expect(turn.stopRequested).toBe(true);
        expect(await turns.renew(turn, LEASE_MS)).toEqual({ held: true, stopRequested: true });
        await turns.finish(turn, { state: 'cancelled' });
        expect(await turns.requestStop(turnId)).toBe(false);
      });

      test('regenerates a finished turn, before younger ones, with the same parts', async () => {
        const address = newChannel();
        const { turnId, conversationId } = await record(address);
        expect(await turns.regenerate(turnId)).toBe(false);
        const first = await claim(conversationId);
        await turns.recordPart(first, { index: 0, messageId: `part-${turnId}` });
        await turns.requestStop(turnId);
        await turns.finish(first, { state: 'done', ...generated('Fine.') });
        await record(address);
        const changes = await Promise.all([turns.regenerate(turnId), turns.regenerate(turnId)]);
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

    describe('looking up', () => {
      test('finds nothing of what does not exist', async () => {
        expect(await turns.find(2_000_000_000)).toBeNull();
        expect(await turns.findByMessage('nothing')).toBeNull();
        expect(await turns.findByPart('discord', 'nothing')).toBeNull();
        expect(await turns.latest(2_000_000_000)).toBeNull();
        expect(await turns.takesPart(newChannel())).toBe(false);
        expect(await turns.requestStop(2_000_000_000)).toBe(false);
      });

      test('finds a turn by message, by part, and as the latest', async () => {
        const address = { ...newChannel(), thread: '1.2' };
        const message = incoming(address);
        const { turnId, conversationId } = await turns.record(message, 'channel');
        const turn = await claim(conversationId);
        const messageId = randomUUID();
        await turns.recordPart(turn, { index: 0, messageId });
        expect((await turns.findByMessage(message.key))?.id).toBe(turnId);
        expect((await turns.findByPart('discord', messageId))?.id).toBe(turnId);
        expect(await turns.findByPart('slack', messageId)).toBeNull();
        expect((await turns.latest(conversationId))?.id).toBe(turnId);
        await turns.removePart(turn, 0);
        expect(await turns.findByPart('discord', messageId)).toBeNull();
      });

      test('takes part where somebody spoke to it, and not in the channel around', async () => {
        const channel = newChannel();
        const thread: Address = { ...channel, thread: '1.2', kind: 'thread' };
        await turns.record(incoming(thread), 'user');
        expect(await turns.takesPart(thread)).toBe(true);
        expect(await turns.takesPart(channel)).toBe(false);
      });

      test('lists conversations whose wake-up may be lost', async () => {
        const waiting = await record(newChannel());
        const held = await record(newChannel());
        await claim(held.conversationId);
        const dead = await record(newChannel());
        await claim(dead.conversationId, 0);
        const done = await answered(newChannel());
        let overdue: readonly number[] = [];
        await awaitCondition(async () => {
          overdue = await turns.overdue(0, 1000);
          return overdue.includes(waiting.conversationId) && overdue.includes(dead.conversationId);
        });
        expect(overdue).not.toContain(held.conversationId);
        expect(overdue).not.toContain(done.conversationId);
        expect(await turns.overdue(3_600_000, 1000)).not.toContain(waiting.conversationId);
        expect(await turns.overdue(0, 1)).toHaveLength(1);
      });

      test('takes votes, the last of each person, and none for an unknown turn', async () => {
        const { turnId } = await answered(newChannel());
        await turns.vote(turnId, ADA.key, 1);
        await turns.vote(turnId, ADA.key, -1);
        await turns.vote(turnId, BEN.key, 1);
        await turns.vote(turnId, BEN.key, 0);
        await turns.vote(turnId, BEN.key, 0);
        await turns.vote(2_000_000_000, ADA.key, 1);
      });
    });
  });
}
