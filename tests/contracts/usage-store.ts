import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TurnStore } from '../../src/ports/turn-store.js';
import type { UsageStore } from '../../src/ports/usage-store.js';
import { generated, incoming, newAuthor, newChannel } from '../fixtures/incoming-message.js';

export interface UsageStoreHarness {
  readonly usage: UsageStore;
  readonly turns: TurnStore;
  stop(): Promise<void>;
}

const EVER = new Date(0);
const NEVER = new Date('2999-01-01');

/** What every UsageStore does. */
export function describeUsageStore(name: string, open: () => Promise<UsageStoreHarness>): void {
  describe(`a usage store on ${name}`, () => {
    let harness: UsageStoreHarness;

    beforeAll(async () => {
      harness = await open();
    });
    afterAll(() => harness?.stop());

    test('counts nothing for who never asked', async () => {
      expect(await harness.usage.recent('nobody', EVER, EVER)).toEqual({ turns: 0, tokens: 0 });
      expect(await harness.usage.byAuthor('nobody', EVER)).toEqual({
        turns: 0,
        promptTokens: 0,
        replyTokens: 0,
      });
    });

    test('adds up turns begun and tokens used, each since its own moment', async () => {
      const { turns, usage } = harness;
      const [address, author] = [newChannel(), newAuthor()];
      const { conversationId } = await turns.record(incoming(address, { author }), 'channel');
      const turn = await turns.claimNext(conversationId, 'worker', 60_000);
      if (!turn) throw new Error('nothing to claim');
      await turns.finish(turn, { state: 'done', ...generated('Fine.') });
      await turns.record(incoming(address, { author }), 'channel');
      await turns.record(incoming(address, { author: newAuthor() }), 'channel');
      expect(await usage.recent(author.key, EVER, EVER)).toEqual({ turns: 2, tokens: 27 });
      expect(await usage.recent(author.key, NEVER, EVER)).toEqual({ turns: 0, tokens: 27 });
      expect(await usage.recent(author.key, EVER, NEVER)).toEqual({ turns: 2, tokens: 0 });
      expect(await usage.byAuthor(author.key, EVER)).toEqual({ turns: 2, promptTokens: 20, replyTokens: 7 });
      expect(await usage.byAuthor(author.key, NEVER)).toEqual({ turns: 0, promptTokens: 0, replyTokens: 0 });
      expect(await usage.byConversation(conversationId, EVER)).toEqual({
        turns: 3,
        promptTokens: 20,
        replyTokens: 7,
      });
    });
  });
}
