import { afterAll, beforeAll } from 'vitest';
import type { Address } from '../../../src/domain/address.js';
import type { ClaimedTurn, IncomingMessage } from '../../../src/domain/turn.js';
import type { RecordedTurn, TurnStore } from '../../../src/ports/turns/turn-store.js';
import { generated, incoming } from '../../fixtures/incoming-message.js';

export const LEASE_MS = 60_000;

export interface TurnStoreHarness {
  readonly turns: TurnStore;
  stop(): Promise<void>;
}

/** The store under test, and the first steps of most tests. */
export interface TurnStoreSetting {
  /** To be used in tests and hooks alone: it is opened before the first. */
  readonly turns: TurnStore;
  record(address: Address, more?: Partial<IncomingMessage>): Promise<RecordedTurn>;
  claim(conversationId: number, leaseMs?: number, owner?: string): Promise<ClaimedTurn>;
  /** Records a message and ends its turn. */
  answered(address: Address, reply?: string): Promise<{ turnId: number; conversationId: number }>;
}

/** Opens the store before the tests of the surrounding `describe`, and closes it after them. */
export function openTurnStoreSetting(open: () => Promise<TurnStoreHarness>): TurnStoreSetting {
  let harness: TurnStoreHarness | undefined;
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

  return {
    get turns() {
      return turns;
    },
    record,
    claim,
    async answered(address, reply = 'Fine.') {
      const { turnId, conversationId } = await record(address);
      await turns.finish(await claim(conversationId), { state: 'done', ...generated(reply) });
      return { turnId, conversationId };
    },
  };
}
