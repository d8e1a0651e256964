import { afterAll, beforeAll } from 'vitest';
import type { Address } from '../../../src/domain/address.js';
import type { ClaimedTurn, IncomingMessage } from '../../../src/domain/turn.js';
import type { RecordedTurn } from '../../../src/ports/turns/turn-recorder.js';
import { generated, incoming } from '../../fixtures/incoming-message.js';
import type { Turns } from '../../fixtures/open-turns.js';

export const LEASE_MS = 60_000;

export interface TurnsHarness {
  readonly turns: Turns;
  stop(): Promise<void>;
}

/** The store under test, and the first steps of most tests. */
export interface TurnsSetting {
  /** To be used in tests and hooks alone: it is opened before the first. */
  readonly turns: Turns;
  record(address: Address, more?: Partial<IncomingMessage>): Promise<RecordedTurn>;
  claim(conversationId: number, leaseMs?: number, owner?: string): Promise<ClaimedTurn>;
  /** Records a message and ends its turn. */
  answered(address: Address, reply?: string): Promise<{ turnId: number; conversationId: number }>;
}

/** Opens the store before the tests of the surrounding `describe`, and closes it after them. */
export function openTurnsSetting(open: () => Promise<TurnsHarness>): TurnsSetting {
  let harness: TurnsHarness | undefined;
  let turns: Turns;

  beforeAll(async () => {
    harness = await open();
    turns = harness.turns;
  });
  afterAll(() => harness?.stop());

  const record = (address: Address, more: Partial<IncomingMessage> = {}) =>
    turns.recorder.record(incoming(address, more), 'channel');

  async function claim(conversationId: number, leaseMs = LEASE_MS, owner = 'worker'): Promise<ClaimedTurn> {
    const turn = await turns.claims.claimNext(conversationId, owner, leaseMs);
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
      await turns.claims.finish(await claim(conversationId), { state: 'done', ...generated(reply) });
      return { turnId, conversationId };
    },
  };
}
