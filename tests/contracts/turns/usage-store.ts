import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Author } from '../../../src/domain/address.js';
import type { ClaimedTurn, ConversationId } from '../../../src/domain/turn.js';
import type { UsageStore } from '../../../src/ports/turns/usage-store.js';
import { awaitCondition } from '../../doubles/await-condition.js';
import { generated, incoming, newAuthor, newChannel } from '../../fixtures/incoming-message.js';
import type { Turns } from '../../fixtures/open-turns.js';

export interface UsageStoreHarness {
  readonly usage: UsageStore;
  readonly turns: Turns;
  stop(): Promise<void>;
}

const EVER = new Date(0);
const NEVER = new Date('2999-01-01');
/** The same as lengths of time, in ms. */
const [ALWAYS, NOT_YET] = [100 * 365 * 86_400_000, -3_600_000];

/** What every UsageStore does. */
export function describeUsageStore(name: string, open: () => Promise<UsageStoreHarness>): void {
  describe(`a usage store on ${name}`, () => {
    let harness: UsageStoreHarness;

    beforeAll(async () => {
      harness = await open();
    });
    afterAll(() => harness?.stop());

    async function begin(author: Author): Promise<ClaimedTurn> {
      const { conversationId } = await harness.turns.recorder.record(
        incoming(newChannel(), { author }),
        'channel',
      );
      return claim(conversationId);
    }

    async function claim(conversationId: ConversationId): Promise<ClaimedTurn> {
      const turn = await harness.turns.claims.claimNext(conversationId, 'worker', 60_000);
      if (!turn) throw new Error('nothing to claim');
      return turn;
    }

    const end = (turn: ClaimedTurn, reply = generated('Fine.')) =>
      harness.turns.claims.finish(turn, { state: 'done', ...reply });

    test('counts nothing for who never asked', async () => {
      expect(await harness.usage.recent('nobody', ALWAYS, ALWAYS)).toEqual({ turns: 0, tokens: 0 });
      expect(await harness.usage.byAuthor('nobody', EVER)).toEqual({
        turns: 0,
        promptTokens: 0,
        replyTokens: 0,
        replacedTokens: 0,
      });
    });

    test('adds up turns begun and tokens used, each since its own moment', async () => {
      const { turns, usage } = harness;
      const [address, author] = [newChannel(), newAuthor()];
      const { conversationId } = await turns.recorder.record(incoming(address, { author }), 'channel');
      await end(await claim(conversationId));
      await turns.recorder.record(incoming(address, { author }), 'channel');
      await turns.recorder.record(incoming(address, { author: newAuthor() }), 'channel');
      expect(await usage.recent(author.key, ALWAYS, ALWAYS)).toEqual({ turns: 2, tokens: 27 });
      expect(await usage.recent(author.key, NOT_YET, ALWAYS)).toEqual({ turns: 0, tokens: 27 });
      expect(await usage.recent(author.key, ALWAYS, NOT_YET)).toEqual({ turns: 2, tokens: 0 });
      expect(await usage.byAuthor(author.key, EVER)).toEqual({
        turns: 2,
        promptTokens: 20,
        replyTokens: 7,
        replacedTokens: 0,
      });
      expect(await usage.byAuthor(author.key, NEVER)).toMatchObject({ turns: 0, replacedTokens: 0 });
    });

    test('counts the tokens of a reply once, however often it is written, and what another attempt made instead', async () => {
      const { turns, usage } = harness;
      const author = newAuthor();
      const first = await begin(author);
      await turns.claims.keepReply(first, generated('Fine.'));
      await turns.claims.keepReply(first, generated('Fine.'));
      expect(await usage.recent(author.key, ALWAYS, ALWAYS)).toMatchObject({ tokens: 27 });
      await turns.claims.release(first);
      const second = await claim(first.conversationId);
      await end(first);
      await end(second, { ...generated('No.'), usage: { prompt: 10, cached: 0, reply: 1 } });
      expect(await usage.recent(author.key, ALWAYS, ALWAYS)).toMatchObject({ tokens: 11 });
    });

    test('counts the tokens of all turns that end at once', async () => {
      const author = newAuthor();
      const begun = await Promise.all(Array.from({ length: 8 }, () => begin(author)));
      await Promise.all(begun.map((turn) => end(turn)));
      expect(await harness.usage.recent(author.key, ALWAYS, ALWAYS)).toEqual({ turns: 8, tokens: 8 * 27 });
    });

    test('counts no tokens used before the first turn since the moment', async () => {
      const { usage } = harness;
      const author = newAuthor();
      await end(await begin(author));
      await awaitCondition(async () => (await usage.recent(author.key, 3_000, ALWAYS)).turns === 0);
      const later = Date.now();
      await end(await begin(author));
      await end(await begin(author));
      // 3 s lie between: the moment may be 2 s earlier, for an answer that takes its time.
      const withinMs = Date.now() - later + 2_000;
      expect(await usage.recent(author.key, ALWAYS, withinMs)).toEqual({ turns: 3, tokens: 2 * 27 });
    });

    test('counts each second answer as a turn, whichever turn it replaces an answer of', async () => {
      const { turns, usage } = harness;
      const [address, author] = [newChannel(), newAuthor()];
      const { conversationId, turnId } = await turns.recorder.record(
        incoming(address, { author }),
        'channel',
      );
      for (let again = 0; again < 3; again++) {
        await end(await claim(conversationId));
        expect(await usage.recent(author.key, ALWAYS, ALWAYS)).toMatchObject({ turns: 1 + again });
        expect(await turns.control.regenerate(turnId)).toBe(true);
      }
      expect(await usage.recent(author.key, NOT_YET, ALWAYS)).toMatchObject({ turns: 0 });
      expect(await usage.recent(author.key, NOT_YET, NOT_YET, turnId)).toMatchObject({ turns: 0 });
    });
  });
}
