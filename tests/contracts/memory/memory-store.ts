import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Author } from '../../../src/domain/address.js';
import type { IncomingMessage } from '../../../src/domain/turn.js';
import { BEN, generated, incoming, newAuthor, newChannel } from '../../fixtures/incoming-message.js';
import { END, type MemoryStoreHarness, withMemory } from './memory-store-setting.js';

/** What every MemoryStore does. */
export function describeMemoryStore(name: string, open: () => Promise<MemoryStoreHarness>): void {
  describe(`a memory store on ${name}`, () => {
    const at = withMemory(open);
    const { claim, exchange, said } = at;

    test('a given prompt reaches whoever claims the turn, is never exported, and nothing of it stays', async () => {
      const prompt = [{ role: 'user', content: `given-${randomUUID()}` }] as const;
      const secret = prompt[0].content;
      const recorded = await at.turns.recorder.record(
        incoming(newChannel(), { text: '', prompt }),
        'channel',
      );
      const turn = await claim(recorded.conversationId);
      expect(turn.prompt).toEqual(prompt);
      await at.turns.claims.finish(turn, { state: 'done', ...generated(`answer to ${secret}`) });
      expect(await at.turns.exports.unexported(1_000_000)).not.toContain(turn.id);
      expect(await at.harness.everything()).toContain(secret);
      await at.memory.clear(recorded.conversationId);
      expect(await at.harness.everything()).not.toContain(secret);
    });

    test('given prompts that were left are forgotten by their age; what people said is not', async () => {
      const prompt = [{ role: 'user', content: `left-${randomUUID()}` }] as const;
      const { conversationId: kept } = await exchange(newChannel(), 'Hello?', 'Hello.');
      const left = await at.turns.recorder.record(incoming(newChannel(), { text: '', prompt }), 'channel');
      await at.turns.claims.finish(await claim(left.conversationId), {
        state: 'done',
        ...generated('Left.'),
      });
      expect(await at.memory.clearGiven(3_600_000)).toBe(0);
      expect(await at.harness.everything()).toContain(prompt[0].content);
      expect(await at.memory.clearGiven(-1_000)).toBe(1);
      expect(await at.harness.everything()).not.toContain(prompt[0].content);
      expect(await said(kept)).toEqual(['Hello? Hello.']);
    });

    test('remembers exchanges with who spoke and what was quoted, oldest first', async () => {
      const address = newChannel();
      const author = newAuthor();
      const quoted = { author: 'Cleo', text: 'earlier' };
      const first = await exchange(address, 'one', 'eins', { author, quoted });
      const second = await exchange(address, 'two', 'zwei', { author: BEN });
      expect(await at.memory.window(first.conversationId, END, 10)).toEqual([
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
      await at.memory.moveWindow(conversationId, third.turnId);
      expect(await said(conversationId)).toEqual(['q3 a3', 'q4 a4', 'q5 a5']);
      await at.memory.moveWindow(conversationId, first.turnId); // never back
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
        await at.turns.recorder.record(incoming(address), 'channel');
        await at.turns.claims.finish(await claim(conversationId), outcome);
      }
      await at.turns.recorder.record(incoming(address), 'channel');
      expect(await said(conversationId)).toEqual(['kept yes']);
    });

    test('knows a conversation by its key', async () => {
      const address = newChannel();
      const { conversationId } = await exchange(address, 'q', 'a');
      expect(await at.memory.find(`discord/app/guild/${address.channel}`)).toBe(conversationId);
      expect(await at.memory.find('discord/app/guild/elsewhere')).toBeNull();
    });

    test('clears a conversation: no text stays, usage does, and others are untouched', async () => {
      const [address, elsewhere] = [newChannel(), newChannel()];
      const secret = `secret-${randomUUID()}`;
      const author: Author = { ...newAuthor(), name: `${secret}-name` };
      const more = { author, quoted: { author: `${secret}-a`, text: `${secret}-q` } };
      const { turnId, conversationId } = await exchange(address, `${secret}-text`, `${secret}-reply`, more);
      const other = await exchange(elsewhere, 'q', 'a');
      expect(await at.harness.everything()).toContain(secret);
      expect(await at.memory.clear(conversationId)).toBe(1);
      expect(await at.memory.clear(conversationId)).toBe(0);
      expect(await at.harness.everything()).not.toContain(secret);
      expect(at.harness.forgotten()).toEqual([conversationId]);
      expect(await said(conversationId)).toEqual([]);
      expect(await said(other.conversationId)).toEqual(['q a']);
      expect(await at.turns.control.regenerate(turnId)).toBe(false);
      expect(await at.harness.usage.byAuthor(author.key, new Date(0))).toEqual({
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
      const { turnId, conversationId } = await at.turns.recorder.record(incoming(address), 'channel');
      expect(await at.memory.clear(conversationId)).toBe(1);
      expect((await at.turns.lookup.find(turnId))?.state).toBe('cancelled');
      expect(await at.turns.claims.claimNext(conversationId, 'worker', 60_000)).toBeNull();
    });

    test('forgets the question that a reply shows', async () => {
      const secret = `secret-${randomUUID()}`;
      const target = { platform: 'discord', question: secret } as const;
      const { conversationId } = await at.turns.recorder.record(
        incoming(newChannel(), { target }),
        'channel',
      );
      expect(await at.harness.everything()).toContain(secret);
      await at.memory.clear(conversationId);
      expect(await at.harness.everything()).not.toContain(secret);
    });

    test('clearing leaves to a worker what its asker was shown that a reply is coming for', async () => {
      const address = newChannel();
      const target = { platform: 'discord', awaited: true } as const;
      const awaited = await at.turns.recorder.record(incoming(address, { target }), 'channel');
      const told = await at.turns.recorder.record(incoming(address), 'channel');
      const later = await at.turns.recorder.record(incoming(address), 'channel');
      await at.turns.waiting.take(awaited.conversationId, 1);
      expect(await at.memory.clear(awaited.conversationId)).toBe(3);
      expect(await at.turns.waiting.take(awaited.conversationId, 5)).toEqual([]);
      for (const { turnId, conversationId } of [awaited, told]) {
        const turn = await claim(conversationId);
        expect(turn).toMatchObject({ id: turnId, forgotten: true, stopRequested: true, text: '' });
        await at.turns.claims.finish(turn, { state: 'cancelled' });
      }
      expect((await at.turns.lookup.find(later.turnId))?.state).toBe('cancelled');
    });

    test.each(['done', 'kept'] as const)('a reply %s after the clearing does not come back', async (how) => {
      const secret = `secret-${randomUUID()}`;
      const { turnId, conversationId } = await at.turns.recorder.record(
        incoming(newChannel(), { text: secret }),
        'channel',
      );
      const turn = await claim(conversationId);
      await at.memory.clear(conversationId);
      expect(await at.turns.claims.renew(turn, 60_000)).toEqual({ held: true, stopRequested: true });
      if (how === 'kept') {
        await at.turns.claims.keepReply(turn, generated(secret));
        await at.turns.claims.release(turn);
        const next = await claim(conversationId);
        expect(next).toMatchObject({ kept: null, stopRequested: true, text: '' });
        await at.turns.claims.finish(next, { state: 'cancelled' });
      } else {
        await at.turns.claims.finish(turn, { state: 'done', ...generated(secret) });
      }
      expect(await said(conversationId)).toEqual([]);
      expect(await at.harness.everything()).not.toContain(secret);
      expect((await at.turns.lookup.find(turnId))?.state).toBe(how === 'kept' ? 'cancelled' : 'done');
    });

    test('forgets one author everywhere, with the replies and votes, and nobody else', async () => {
      const [here, there] = [newChannel(), newChannel()];
      const secret = `secret-${randomUUID()}`;
      const author: Author = { ...newAuthor(), name: `${secret}-name` };
      const one = await exchange(here, `${secret} 1`, `${secret} 2`, { author });
      const kept = await exchange(here, 'mine', 'yours', { author: BEN });
      const two = await exchange(there, `${secret} 3`, `${secret} 4`, { author });
      const waiting = await at.turns.recorder.record(incoming(there, { author, text: secret }), 'channel');
      await at.turns.votes.cast(kept.turnId, author.key, 1, secret);
      await at.turns.votes.cast(two.turnId, author.key, 1, secret);
      await at.turns.votes.cast(one.turnId, BEN.key, -1, `They said ${secret}.`);
      expect(await at.memory.forgetAuthor(author.key)).toBe(3);
      expect(await at.memory.forgetAuthor(author.key)).toBe(0);
      expect(await at.harness.everything()).not.toContain(secret);
      expect([...at.harness.forgotten()].sort()).toEqual([one.conversationId, two.conversationId].sort());
      expect(await said(one.conversationId)).toEqual(['mine yours']);
      expect((await at.turns.lookup.find(waiting.turnId))?.state).toBe('cancelled');
    });

    test('forgets what others quoted of an author and of the replies to them, and keeps what they said', async () => {
      const here = newChannel();
      const [secret, ada] = [`secret-${randomUUID()}`, newAuthor()];
      const words = { author: `${secret} name`, text: `${secret} words` };
      const asked = await exchange(here, `${secret} 1`, 'my answer', { author: ada });
      const posted = randomUUID();
      const again = await at.turns.control.regenerate(asked.turnId).then(() => claim(asked.conversationId));
      await at.turns.claims.recordPart(again, { index: 0, messageId: posted });
      await at.turns.claims.finish(again, { state: 'done', ...generated(secret) });
      const about = (quoted: IncomingMessage['quoted'], address = here) =>
        exchange(address, 'mine', 'yours', { author: BEN, ...(quoted && { quoted }) });
      await about({ ...words, authorKeys: [ada.key] });
      await about({ ...words, authorKeys: [BEN.key, ada.key], messageIds: ['1', '2'] });
      await about({ ...words, authorKeys: ['discord/the-bot'], messageIds: [posted] });
      const there = await about({ ...words, authorKeys: [ada.key] }, newChannel());
      const kept = { author: 'Ben', text: 'other words' };
      const last = await about({ ...kept, authorKeys: [BEN.key], messageIds: ['3'] });
      at.harness.forgotten();
      expect(await at.memory.forgetAuthor(ada.key)).toBe(1);
      expect(await at.harness.everything()).not.toContain(secret);
      expect(new Set(at.harness.forgotten())).toEqual(new Set([asked.conversationId, there.conversationId]));
      const remembered = await at.memory.window(last.conversationId, END, 10);
      expect(remembered.map(({ text, quoted }) => [text, quoted])).toEqual([
        ['mine', null],
        ['mine', null],
        ['mine', null],
        ['mine', kept],
      ]);
    });
  });
}
