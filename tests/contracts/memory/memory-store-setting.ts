import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { Address } from '../../../src/domain/address.js';
import type { ClaimedTurn, ConversationId, IncomingMessage } from '../../../src/domain/turn.js';
import type { MemoryStore } from '../../../src/ports/memory/memory-store.js';
import type { UsageStore } from '../../../src/ports/turns/usage-store.js';
import { generated, incoming } from '../../fixtures/incoming-message.js';
import type { Turns } from '../../fixtures/open-turns.js';

/** Above the id of any turn. */
export const END = 2_000_000_000;

export interface MemoryStoreHarness {
  readonly memory: MemoryStore;
  readonly turns: Turns;
  readonly usage: UsageStore;
  /** Conversations that were told to have lost text, since it was last read. */
  forgotten(): readonly ConversationId[];
  /** Every text in every column of the database, to see that nothing stayed behind. */
  everything(): Promise<string>;
  stop(): Promise<void>;
}

/** For the tests of a `describe`: the stores, and people who talk. */
export function withMemory(open: () => Promise<MemoryStoreHarness>) {
  let harness: MemoryStoreHarness;
  beforeAll(async () => {
    harness = await open();
  });
  beforeEach(() => void harness.forgotten());
  afterAll(() => harness?.stop());

  async function claim(conversationId: ConversationId): Promise<ClaimedTurn> {
    const turn = await harness.turns.claims.claimNext(conversationId, 'worker', 60_000);
    if (!turn) throw new Error('nothing to claim');
    return turn;
  }

  return {
    get harness() {
      return harness;
    },
    get memory() {
      return harness.memory;
    },
    get turns() {
      return harness.turns;
    },
    claim,
    async exchange(address: Address, text: string, reply: string, more: Partial<IncomingMessage> = {}) {
      const recorded = await harness.turns.recorder.record(incoming(address, { text, ...more }), 'channel');
      const turn = await claim(recorded.conversationId);
      await harness.turns.claims.finish(turn, { state: 'done', ...generated(reply) });
      return recorded;
    },
    async said(conversationId: ConversationId, before = END, limit = 100): Promise<string[]> {
      const remembered = await harness.memory.window(conversationId, before, limit);
      return remembered.map(({ text, reply }) => `${text} ${reply}`);
    },
  };
}
