import type { ClaimedTurn } from '../../domain/turn.js';
import type { Clock } from '../../ports/process/clock.js';
import type { Log } from '../../ports/process/log.js';
import type { TurnEvents } from '../../ports/turns/live-events.js';
import type { TurnClaims } from '../../ports/turns/turn-claims.js';
import { type HeldLease, LeaseLost } from '../reply/held-lease.js';

/** A person asked this turn to stop. */
export class StopAsked extends Error {
  override readonly name = 'StopAsked';
}

export interface LeaseTimes {
  /** How long a claim holds without renewal. */
  readonly leaseMs: number;
  /** A third of the lease or less, so that one lost renewal costs nothing. */
  readonly renewEveryMs: number;
}

/**
 * Renews a turn's lease until `letGo`, and listens for the wish to stop it.
 *
 * @param claimedAt - when the claim was asked for, by this process's clock: the database counts from later, whenever its
 *   answer arrived here
 */
export function holdLease(
  turn: ClaimedTurn,
  claimedAt: number,
  times: LeaseTimes,
  deps: {
    readonly claims: Pick<TurnClaims, 'renew'>;
    readonly live: TurnEvents;
    readonly clock: Clock;
    readonly log: Log;
  },
): HeldLease {
  const lost = new AbortController();
  const stopAsked = new AbortController();
  const over = new AbortController();
  const askStop = () => stopAsked.abort(new StopAsked());
  let heldUntil = claimedAt + times.leaseMs;
  if (turn.stopRequested) askStop();
  void listenForStop(turn, deps, askStop, over.signal);
  void renew();
  void watch();
  return { lost: lost.signal, stopAsked: stopAsked.signal, check, letGo: () => over.abort() };

  function check(): void {
    if (deps.clock.now() >= heldUntil) lost.abort(new LeaseLost());
    lost.signal.throwIfAborted();
  }

  async function renew(): Promise<void> {
    while (!over.signal.aborted && !lost.signal.aborted) {
      try {
        await deps.clock.sleep(times.renewEveryMs, over.signal);
        const asked = deps.clock.now();
        const { held, stopRequested } = await deps.claims.renew(turn, times.leaseMs);
        if (!held) lost.abort(new LeaseLost());
        if (stopRequested) askStop();
        heldUntil = asked + times.leaseMs;
      } catch (error) {
        if (over.signal.aborted) return;
        deps.log.warn({ turnId: turn.id, err: error }, 'lease not renewed');
      }
    }
  }

  /** By the clock alone: a database that hangs answers no renewal, and another worker may hold the turn meanwhile. */
  async function watch(): Promise<void> {
    try {
      for (let left = heldUntil - deps.clock.now(); left > 0; left = heldUntil - deps.clock.now()) {
        await deps.clock.sleep(left, over.signal);
      }
      lost.abort(new LeaseLost());
    } catch {
      // let go
    }
  }
}

async function listenForStop(
  turn: ClaimedTurn,
  deps: { readonly live: TurnEvents; readonly log: Log },
  askStop: () => void,
  over: AbortSignal,
): Promise<void> {
  try {
    const unsubscribe = await deps.live.subscribe(turn.id, (event) => {
      if (event.type === 'stop') askStop();
    });
    if (over.aborted) unsubscribe();
    else over.addEventListener('abort', unsubscribe, { once: true });
  } catch (error) {
    // The wish is in the database as well: the next renewal reads it.
    deps.log.warn({ turnId: turn.id, err: error }, 'stop events not heard');
  }
}
