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

    test('a given prompt reaches whoever claims the turn, is never exported, and nothing of it stays', async () => {
      const prompt = [{ role: 'user', content: `given-${randomUUID()}` }] as const;
      const secret = prompt[0].content;
      const recorded = await turns.record(incoming(newChannel(), { text: '', prompt }), 'channel');
      const turn = await claim(recorded.conversationId);
      expect(turn.prompt).toEqual(prompt);
      await turns.finish(turn, { state: 'done', ...generated(`answer to ${secret}`) });
      expect(await turns.unexported(1_000_000)).not.toContain(turn.id);
      expect(await harness.everything()).toContain(secret);
      await memory.clear(recorded.conversationId);
      expect(await harness.everything()).not.toContain(secret);
    });

    test('given prompts that were left are forgotten by their age; what people said is not', async () => {
      const prompt = [{ role: 'user', content: `left-${randomUUID()}` }] as const;
      const { conversationId: kept } = await exchange(newChannel(), 'Hello?', 'Hello.');
      const left = await turns.record(incoming(newChannel(), { text: '', prompt }), 'channel');
      await turns.finish(await claim(left.conversationId), { state: 'done', ...generated('Left.') });
      expect(await memory.clearGiven(3_600_000)).toBe(0);
      expect(await harness.everything()).toContain(prompt[0].content);
      expect(await memory.clearGiven(-1_000)).toBe(1);
      expect(await harness.everything()).not.toContain(prompt[0].content);
      expect(await said(kept)).toEqual(['Hello? Hello.']);
    });

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
        replacedTokens: 0,
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

    test('forgets the question that a reply shows', async () => {
      const secret = `secret-${randomUUID()}`;
      const target = { platform: 'discord', question: secret } as const;
      const { conversationId } = await turns.record(incoming(newChannel(), { target }), 'channel');
      expect(await harness.everything()).toContain(secret);
      await memory.clear(conversationId);
      expect(await harness.everything()).not.toContain(secret);
    });

    test('clearing leaves to a worker what its asker was shown that a reply is coming for', async () => {
      const address = newChannel();
      const target = { platform: 'discord', awaited: true } as const;
      const awaited = await turns.record(incoming(address, { target }), 'channel');
      const told = await turns.record(incoming(address), 'channel');
      const later = await turns.record(incoming(address), 'channel');
      await turns.takeWaiting(awaited.conversationId, 1);
      expect(await memory.clear(awaited.conversationId)).toBe(3);
      expect(await turns.takeWaiting(awaited.conversationId, 5)).toEqual([]);
      for (const { turnId, conversationId } of [awaited, told]) {
        const turn = await claim(conversationId);
        expect(turn).toMatchObject({ id: turnId, forgotten: true, stopRequested: true, text: '' });
        await turns.finish(turn, { state: 'cancelled' });
      }
      expect((await turns.find(later.turnId))?.state).toBe('cancelled');
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
      await turns.vote(kept.turnId, author.key, 1, secret);
      await turns.vote(two.turnId, author.key, 1, secret);
      await turns.vote(one.turnId, BEN.key, -1, `They said ${secret}.`);
      expect(await memory.forgetAuthor(author.key)).toBe(3);
      expect(await memory.forgetAuthor(author.key)).toBe(0);
      expect(await harness.everything()).not.toContain(secret);
      expect([...harness.forgotten()].sort()).toEqual([one.conversationId, two.conversationId].sort());
      expect(await said(one.conversationId)).toEqual(['mine yours']);
      expect((await turns.find(waiting.turnId))?.state).toBe('cancelled');
    });

    test('forgets what others quoted of an author and of the replies to them, and keeps what they said', async () => {
      const here = newChannel();
      const [secret, ada] = [`secret-${randomUUID()}`, newAuthor()];
      const words = { author: `${secret} name`, text: `${secret} words` };
      const asked = await exchange(here, `${secret} 1`, 'my answer', { author: ada });
      const posted = randomUUID();
      const again = await turns.regenerate(asked.turnId).then(() => claim(asked.conversationId));
      await turns.recordPart(again, { index: 0, messageId: posted });
      await turns.finish(again, { state: 'done', ...generated(secret) });
      const about = (quoted: IncomingMessage['quoted'], address = here) =>
        exchange(address, 'mine', 'yours', { author: BEN, ...(quoted && { quoted }) });
      await about({ ...words, authorKeys: [ada.key] });
      await about({ ...words, authorKeys: [BEN.key, ada.key], messageIds: ['1', '2'] });
      await about({ ...words, authorKeys: ['discord/the-bot'], messageIds: [posted] });
      const there = await about({ ...words, authorKeys: [ada.key] }, newChannel());
      const kept = { author: 'Ben', text: 'other words' };
      const last = await about({ ...kept, authorKeys: [BEN.key], messageIds: ['3'] });
      harness.forgotten();
      expect(await memory.forgetAuthor(ada.key)).toBe(1);
      expect(await harness.everything()).not.toContain(secret);
      expect(new Set(harness.forgotten())).toEqual(new Set([asked.conversationId, there.conversationId]));
      const remembered = await memory.window(last.conversationId, END, 10);
      expect(remembered.map(({ text, quoted }) => [text, quoted])).toEqual([
        ['mine', null],
        ['mine', null],
        ['mine', null],
        ['mine', kept],
      ]);
    });

    test('a quote follows the message it is of: edited with it, and gone with it', async () => {
      const address = newChannel();
      const [id, other] = [randomUUID(), randomUUID()];
      const of = (...messageIds: string[]) => ({ quoted: { author: 'Ben', text: 'old', messageIds } });
      const { conversationId } = await exchange(address, 'one', 'yes', of(id));
      await exchange(address, 'two', 'yes', of(id, other));
      await exchange(address, 'three', 'yes', of(other));
      const elsewhere = await exchange(newChannel(), 'four', 'yes', of(id));
      const quotes = async (place = conversationId) =>
        (await memory.window(place, END, 10)).map(({ quoted }) => quoted?.text ?? null);
      expect(await memory.editMessage('discord', address.channel, id, 'new')).toBe(false);
      expect(await quotes()).toEqual(['new', 'old', 'old']);
      expect(harness.forgotten()).toEqual([conversationId]);
      expect(await memory.deleteMessage('discord', address.channel, id)).toBe(false);
      expect(await quotes()).toEqual([null, null, 'old']);
      expect(harness.forgotten()).toEqual([conversationId]);
      expect(await quotes(elsewhere.conversationId)).toEqual(['old']);
      expect(await said(conversationId)).toEqual(['one yes', 'two yes', 'three yes']);
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
