import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addressKey } from '../../../src/domain/address.js';
import type { IncomingMessage, TurnId, TurnOutcome } from '../../../src/domain/turn.js';
import type { HistoryReader, HistoryTurn } from '../../../src/ports/memory/history-reader.js';
import type { MemoryStore } from '../../../src/ports/memory/memory-store.js';
import type { Turns } from '../../fixtures/open-turns.js';

/** One database, opened for one suite; each test has a conversation of its own. */
export interface HistoryFixture {
  readonly history: HistoryReader;
  readonly turns: Turns;
  readonly memory: MemoryStore;
  close(): Promise<void>;
}

const DONE: Extract<TurnOutcome, { state: 'done' }> = {
  state: 'done',
  reply: 'An answer.',
  model: 'small',
  finishReason: 'length',
  usage: { prompt: 5, cached: 3, reply: 2 },
  sampling: { temperature: 1, topK: 0, topP: 1, minP: 0, repeatPenalty: 1, maxTokens: 2, stop: [] },
  timeToFirstTokenMs: 10,
  tokensPerSecond: 20,
};

/** What every HistoryReader shows of the turns that the stores beside it write. */
export function describeHistoryReader(name: string, open: () => Promise<HistoryFixture>): void {
  describe(`history: ${name}`, () => {
    let fixture: HistoryFixture;
    let channel: string;
    let messages: number;
    beforeAll(async () => {
      fixture = await open();
    });
    afterAll(() => fixture?.close());
    beforeEach(() => {
      channel = crypto.randomUUID();
      messages = 0;
    });

    const address = () =>
      ({ platform: 'web', app: 'parley', workspace: '-', channel, kind: 'direct' }) as const;
    const page = (limit: number, before?: TurnId) =>
      fixture.history.page(addressKey(address()), { limit, ...(before !== undefined && { before }) });

    async function say(text: string, changes: Partial<IncomingMessage> = {}) {
      messages += 1;
      return fixture.turns.recorder.record(
        {
          key: `${channel}/${messages}`,
          address: address(),
          author: { key: 'web/ann', name: 'Ann', id: 'ann' },
          text,
          target: { platform: 'web', conversation: channel },
          ...changes,
        },
        'channel',
      );
    }

    async function answered(text: string, outcome: TurnOutcome = DONE): Promise<TurnId> {
      const { turnId, conversationId } = await say(text);
      const claimed = await fixture.turns.claims.claimNext(conversationId, 'worker', 60_000);
      if (claimed?.id !== turnId) throw new Error('another turn was in the way');
      await fixture.turns.claims.finish(claimed, outcome);
      return turnId;
    }

    test('nothing is known of a conversation nobody had', async () => {
      expect(await page(10)).toBeNull();
    });

    test('an answered turn is shown with what was said, and how it was answered', async () => {
      const id = await answered('A question?');
      const shown = await page(10);
      expect(shown).toEqual({
        turns: [
          {
            id,
            state: 'done',
            author: { key: 'web/ann', name: 'Ann', id: 'ann' },
            text: 'A question?',
            quoted: null,
            reply: 'An answer.',
            model: 'small',
            persona: null,
            finishReason: 'length',
            timeToFirstTokenMs: 10,
            tokensPerSecond: 20,
            vote: null,
            usage: { prompt: 5, cached: 3, reply: 2 },
            failure: null,
            acceptedAt: expect.any(Date),
            finishedAt: expect.any(Date),
          },
        ],
        earlier: null,
      });
    });

    test('failed, stopped and waiting turns are shown as they are', async () => {
      await answered('one', { state: 'failed', kind: 'empty-answer', notice: 'Nothing came.' });
      await answered('two', { state: 'cancelled' });
      await say('three', { quoted: { author: 'Bob', text: 'said before' } });
      expect((await page(10))?.turns).toMatchObject([
        {
          state: 'failed',
          reply: '',
          model: null,
          failure: { kind: 'empty-answer', notice: 'Nothing came.' },
        },
        { state: 'cancelled', reply: '', failure: null },
        { state: 'pending', quoted: { author: 'Bob', text: 'said before' }, finishedAt: null },
      ]);
    });

    test('a reply that is not delivered yet is not shown', async () => {
      const { conversationId } = await say('one');
      const claimed = await fixture.turns.claims.claimNext(conversationId, 'worker', 60_000);
      if (!claimed) throw new Error('nothing to claim');
      await fixture.turns.claims.keepReply(claimed, DONE);
      expect((await page(10))?.turns).toMatchObject([{ state: 'running', reply: '', model: null }]);
    });

    test('whoever reads for someone sees their vote and comment, and nobody else’s', async () => {
      const id = await answered('one');
      const { turns, history } = fixture;
      const shown = async (voter: string) =>
        (await history.page(addressKey(address()), { limit: 1, voter }))?.turns[0]?.vote;
      await turns.votes.cast(id, 'web/ann', -1, 'Too long.');
      await turns.votes.cast(id, 'web/ben', 1);
      expect(await shown('web/ann')).toEqual({ vote: -1, comment: 'Too long.' });
      expect(await shown('web/ben')).toEqual({ vote: 1, comment: null });
      expect(await shown('web/cy')).toBeNull();
      await turns.votes.cast(id, 'web/ann', -1);
      expect(await shown('web/ann')).toEqual({ vote: -1, comment: 'Too long.' });
      await turns.votes.cast(id, 'web/ann', 1);
      expect(await shown('web/ann')).toEqual({ vote: 1, comment: null });
      await turns.votes.cast(id, 'web/ann', 1, 'Better.');
      await turns.votes.cast(id, 'web/ann', 1, '');
      expect(await shown('web/ann')).toEqual({ vote: 1, comment: null });
      await turns.votes.cast(id, 'web/ann', 0);
      expect(await shown('web/ann')).toBeNull();
    });

    test('a turn keeps the persona that answered it, also where it failed', async () => {
      const { conversationId } = await say('one');
      const claimed = await fixture.turns.claims.claimNext(conversationId, 'worker', 60_000);
      if (!claimed) throw new Error('nothing to claim');
      const facts = { persona: 'medical', firstTextMs: null };
      await fixture.turns.claims.finish(claimed, { state: 'failed', kind: 'bug', notice: '' }, facts);
      expect((await page(10))?.turns).toMatchObject([{ persona: 'medical', tokensPerSecond: null }]);
    });

    test('pages go back from the newest turn to the first, each oldest first', async () => {
      const ids: TurnId[] = [];
      for (const text of ['one', 'two', 'three', 'four']) ids.push(await answered(text));
      const newest = await page(3);
      expect(newest?.turns.map((turn) => turn.id)).toEqual(ids.slice(1));
      expect(newest?.earlier).toBe(ids[1]);
      expect(await page(3, ids[1])).toMatchObject({ turns: [{ id: ids[0] }], earlier: null });
      expect(await page(4)).toMatchObject({ earlier: null });
      expect(await page(3, ids[0])).toEqual({ turns: [], earlier: null });
    });

    test('what was forgotten is not shown', async () => {
      await answered('one');
      const conversation = await fixture.memory.find(addressKey(address()));
      if (conversation === null) throw new Error('no conversation');
      await fixture.memory.clear(conversation);
      const after = await answered('two');
      expect((await page(10))?.turns.map((turn) => turn.id)).toEqual([after]);
    });

    async function walked(most: number, voter?: string) {
      const walk = await fixture.history.walk(addressKey(address()), { most, ...(voter && { voter }) });
      if (!walk) return null;
      const turns: HistoryTurn[] = [];
      for await (const turn of walk.turns) turns.push(turn);
      return { isWhole: walk.isWhole, turns };
    }

    test('a conversation is walked through from its first turn to its last, as pages show it', async () => {
      const first = await answered('one');
      await fixture.turns.votes.cast(first, 'web/ann', 1, 'Good.');
      for (let n = 0; n < 204; n++) await say(`and ${n}`);
      const [newest, walk] = [await page(200), await walked(1_000)];
      expect(walk?.isWhole).toBe(true);
      expect(walk?.turns).toHaveLength(205);
      expect(walk?.turns.slice(-200)).toEqual(newest?.turns);
      expect(walk?.turns[0]).toMatchObject({ id: first, reply: 'An answer.', vote: null });
      expect((await walked(1_000, 'web/ann'))?.turns[0]?.vote).toEqual({ vote: 1, comment: 'Good.' });
    });

    test('of a longer one than asked for the newest are walked through', async () => {
      expect(await walked(10)).toBeNull();
      const ids = [];
      for (const text of ['one', 'two', 'three']) ids.push(await answered(text));
      const walk = await walked(2);
      expect([walk?.isWhole, walk?.turns.map(({ id }) => id)]).toEqual([false, ids.slice(1)]);
      expect(await walked(3)).toMatchObject({ isWhole: true });
      await fixture.memory.clear((await fixture.memory.find(addressKey(address()))) ?? 0);
      expect(await walked(2)).toEqual({ isWhole: true, turns: [] });
    });

    test('a turn’s target is what its adapter handed in', async () => {
      const { turnId } = await say('one', {
        target: { platform: 'web', conversation: channel, request: 'ab' },
      });
      expect(await fixture.history.target(turnId)).toEqual({
        platform: 'web',
        conversation: channel,
        request: 'ab',
      });
      expect(await fixture.history.target(2_147_483_647)).toBeNull();
    });
  });
}
