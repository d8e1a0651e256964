import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Address, Author } from '../../src/domain/address.js';
import type { ClaimedTurn, ConversationId, IncomingMessage } from '../../src/domain/turn.js';
import type { MemoryStore } from '../../src/ports/memory-store.js';
import type { TurnStore } from '../../src/ports/turn-store.js';
import type { UsageStore } from '../../src/ports/usage-store.js';
import { BEN, generated, incoming, newAuthor, newChannel } from '../fixtures/incoming-message.js';

const END = 2_000_000_000;

export interface MemoryStoreHarness {
  readonly memory: MemoryStore;
  readonly turns: TurnStore;
  readonly usage: UsageStore;
  /** Conversations that were told to have lost text, since it was last read. */
  forgotten(): readonly ConversationId[];
  /** Every text in every column of the database, to see that nothing stayed behind. */
  everything(): Promise<string>;
  stop(): Promise<void>;
}

/** What every MemoryStore does. */
export function describeMemoryStore(name: string, open: () => Promise<MemoryStoreHarness>): void {
  describe(`a memory store on ${name}`, () => {
    let harness: MemoryStoreHarness;
    let memory: MemoryStore;
    let turns: TurnStore;

    beforeAll(async () => {
      harness = await open();
      ({ memory, turns } = harness);
    });
    beforeEach(() => void harness.forgotten());
    afterAll(() => harness?.stop());

    async function claim(conversationId: ConversationId): Promise<ClaimedTurn> {
      const turn = await turns.claimNext(conversationId, 'worker', 60_000);
      if (!turn) throw new Error('nothing to claim');
      return turn;
    }

    async function exchange(
      address: Address,
      text: string,
      reply: string,
      more: Partial<IncomingMessage> = {},
    ) {
      const recorded = await turns.record(incoming(address, { text, ...more }), 'channel');
      await turns.finish(await claim(recorded.conversationId), { state: 'done', ...generated(reply) });
      return recorded;
    }

    const said = async (conversationId: ConversationId, before = END, limit = 100) =>
      (await memory.window(conversationId, before, limit)).map(({ text, reply }) => `${text} ${reply}`);

    test('remembers exchanges with who spoke and what was quoted, oldest first', async () => {
      const address = newChannel();
      const author = newAuthor();
      const quoted = { author: 'Cleo', text: 'earlier' };
      const first = await exchange(address, 'one', 'eins', { author, quoted });
      const second = await exchange(address, 'two', 'zwei', { author: BEN });
      expect(await memory.window(first.conversationId, END, 10)).toEqual([
        { id: first.turnId, author, text: 'one', quoted, reply: 'eins' },
        { id: second.turnId, author: BEN, text: 'two', quoted: null, reply: 'zwei' },
      ]);
    });

    test('gives the newest before a turn, as many as asked for, from the start of the window', async () => {
      const address = newChannel();
      const all = [];
      for (const n of [1, 2, 3, 4, 5]) all.push(await exchange(address, `q${n}`, `a${n}`));
      const [first, , third, fourth] = all;
      if (!first || !third || !fourth) throw new Error('unreachable');
      const { conversationId } = first;
      expect(await said(conversationId, fourth.turnId, 2)).toEqual(['q2 a2', 'q3 a3']);
      await memory.moveWindow(conversationId, third.turnId);
      expect(await said(conversationId)).toEqual(['q3 a3', 'q4 a4', 'q5 a5']);
      await memory.moveWindow(conversationId, first.turnId); // never back
      expect(await said(conversationId)).toHaveLength(3);
    });

    test('leaves out what failed, was cancelled, or has no text', async () => {
      const address = newChannel();
      const { conversationId } = await exchange(address, 'kept', 'yes');
      for (const outcome of [
        { state: 'failed', kind: 'bug', notice: 'broken' },
        { state: 'cancelled' },
        { state: 'done', ...generated('') },
      ] as const) {
        await turns.record(incoming(address), 'channel');
        await turns.finish(await claim(conversationId), outcome);
      }
      await turns.record(incoming(address), 'channel');
      expect(await said(conversationId)).toEqual(['kept yes']);
    });

    test('knows a conversation by its key', async () => {
      const address = newChannel();
      const { conversationId } = await exchange(address, 'q', 'a');
      expect(await memory.find(`discord/app/guild/${address.channel}`)).toBe(conversationId);
      expect(await memory.find('discord/app/guild/elsewhere')).toBeNull();
    });

    test('clears a conversation: no text stays, usage does, and others are untouched', async () => {
      const [address, elsewhere] = [newChannel(), newChannel()];
      const secret = `secret-${randomUUID()}`;
      const author: Author = { ...newAuthor(), name: `${secret}-name` };
      const more = { author, quoted: { author: `${secret}-a`, text: `${secret}-q` } };
      const { turnId, conversationId } = await exchange(address, `${secret}-text`, `${secret}-reply`, more);
      const other = await exchange(elsewhere, 'q', 'a');
      expect(await harness.everything()).toContain(secret);
      expect(await memory.clear(conversationId)).toBe(1);
      expect(await memory.clear(conversationId)).toBe(0);
      expect(await harness.everything()).not.toContain(secret);
      expect(harness.forgotten()).toEqual([conversationId]);
      expect(await said(conversationId)).toEqual([]);
      expect(await said(other.conversationId)).toEqual(['q a']);
      expect(await turns.regenerate(turnId)).toBe(false);
      expect(await harness.usage.byAuthor(author.key, new Date(0))).toEqual({
        turns: 1,
        promptTokens: 20,
        replyTokens: 7,
      });
      await exchange(address, 'new', 'start');
      expect(await said(conversationId)).toEqual(['new start']);
    });

    test('clearing cancels what waits', async () => {
      const address = newChannel();
      const { turnId, conversationId } = await turns.record(incoming(address), 'channel');
      expect(await memory.clear(conversationId)).toBe(1);
      expect((await turns.find(turnId))?.state).toBe('cancelled');
      expect(await turns.claimNext(conversationId, 'worker', 60_000)).toBeNull();
    });

    test.each(['done', 'kept'] as const)('a reply %s after the clearing does not come back', async (how) => {
      const secret = `secret-${randomUUID()}`;
      const { turnId, conversationId } = await turns.record(
        incoming(newChannel(), { text: secret }),
        'channel',
      );
      const turn = await claim(conversationId);
      await memory.clear(conversationId);
      expect(await turns.renew(turn, 60_000)).toEqual({ held: true, stopRequested: true });
      if (how === 'kept') {
        await turns.keepReply(turn, generated(secret));
        await turns.release(turn);
        const next = await claim(conversationId);
        expect(next).toMatchObject({ kept: null, stopRequested: true, text: '' });
        await turns.finish(next, { state: 'cancelled' });
      } else {
        await turns.finish(turn, { state: 'done', ...generated(secret) });
      }
      expect(await said(conversationId)).toEqual([]);
      expect(await harness.everything()).not.toContain(secret);
      expect((await turns.find(turnId))?.state).toBe(how === 'kept' ? 'cancelled' : 'done');
    });

    test('forgets one author everywhere, with the replies and votes, and nobody else', async () => {
      const [here, there] = [newChannel(), newChannel()];
      const secret = `secret-${randomUUID()}`;
      const author: Author = { ...newAuthor(), name: `${secret}-name` };
      const one = await exchange(here, `${secret} 1`, `${secret} 2`, { author });
      const kept = await exchange(here, 'mine', 'yours', { author: BEN });
      const two = await exchange(there, `${secret} 3`, `${secret} 4`, { author });
      const waiting = await turns.record(incoming(there, { author, text: secret }), 'channel');
      await turns.vote(kept.turnId, author.key, 1);
      expect(await memory.forgetAuthor(author.key)).toBe(3);
      expect(await memory.forgetAuthor(author.key)).toBe(0);
      expect(await harness.everything()).not.toContain(secret);
      expect([...harness.forgotten()].sort()).toEqual([one.conversationId, two.conversationId].sort());
      expect(await said(one.conversationId)).toEqual(['mine yours']);
      expect((await turns.find(waiting.turnId))?.state).toBe('cancelled');
    });

    test('reads an edited message anew', async () => {
      const address = newChannel();
      const platformMessageId = randomUUID();
      const { conversationId } = await exchange(address, 'old', 'yes', { platformMessageId });
      expect(await memory.editMessage('discord', address.channel, platformMessageId, 'new\0')).toBe(true);
      expect(await said(conversationId)).toEqual(['new yes']);
      expect(harness.forgotten()).toEqual([conversationId]);
      expect(await memory.editMessage('slack', address.channel, platformMessageId, 'x')).toBe(false);
      expect(await memory.editMessage('discord', 'elsewhere', platformMessageId, 'x')).toBe(false);
    });

    test('an edit does not bring back what was forgotten', async () => {
      const address = newChannel();
      const platformMessageId = randomUUID();
      const { conversationId } = await exchange(address, 'old', 'yes', { platformMessageId });
      await memory.clear(conversationId);
      expect(await memory.editMessage('discord', address.channel, platformMessageId, 'back')).toBe(false);
      expect(await said(conversationId)).toEqual([]);
    });

    test('a deleted message leaves memory with its reply; one that waited is not answered', async () => {
      const address = newChannel();
      const platformMessageId = randomUUID();
      const { conversationId } = await exchange(address, 'gone', 'yes', { platformMessageId });
      await exchange(address, 'stays', 'too');
      const waiting = incoming(address);
      const { turnId } = await turns.record(waiting, 'channel');
      expect(await memory.deleteMessage('discord', address.channel, platformMessageId)).toBe(true);
      expect(await memory.deleteMessage('discord', address.channel, platformMessageId)).toBe(false);
      expect(await said(conversationId)).toEqual(['stays too']);
      await memory.deleteMessage('discord', address.channel, waiting.platformMessageId ?? '');
      expect((await turns.find(turnId))?.state).toBe('cancelled');
    });
  });
}
