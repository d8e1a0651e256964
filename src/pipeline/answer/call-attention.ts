import type { ClaimedTurn, PostedPart } from '../../domain/turn.js';
import type { Delivery } from '../../ports/delivery/delivery.js';
import type { Clock } from '../../ports/process/clock.js';
import type { Log } from '../../ports/process/log.js';

export interface AttentionDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** A reply that took longer calls the asker's attention, in ms; null turns it off. */
  readonly attentionAfterMs: number | null;
}

/**
 * Calls the attention of who waited long for a reply. A platform that refuses changes nothing of the reply.
 *
 * @throws `signal.reason` when `signal` aborts
 */
export async function callAttention(
  turn: ClaimedTurn,
  parts: readonly PostedPart[],
  delivery: Pick<Delivery, 'callAttention'>,
  { attentionAfterMs, clock, log }: AttentionDeps,
  signal: AbortSignal,
): Promise<void> {
  const last = parts.at(-1);
  const tookMs = clock.now() - turn.acceptedAt.getTime();
  // A regeneration was asked for long after the message: its asker is looking.
  if (attentionAfterMs === null || !last || tookMs < attentionAfterMs || turn.revision > 0) return;
  try {
    await delivery.callAttention(turn.target, turn.id, last, signal);
  } catch (error) {
    signal.throwIfAborted();
    log.warn({ turnId: turn.id, err: error }, 'attention not called');
  }
}
