import type { TurnId } from '../../../src/domain/turn.js';
import type { Clock } from '../../../src/ports/process/clock.js';
import type { Log } from '../../../src/ports/process/log.js';

/** Why a client's wait ended before its turn did. */
export type WaitEnd = 'client-gone' | 'too-long' | 'stopping';

/** The reason of a wait's signal. */
export class WaitEnded extends Error {
  override readonly name = 'WaitEnded';
  readonly end: WaitEnd;

  constructor(end: WaitEnd) {
    super(`the wait for a turn ended: ${end}`);
    this.end = end;
  }
}

export interface Wait {
  readonly signal: AbortSignal;
  /** The client will read no more. */
  leave(): void;
  /** The client has its answer. Nothing is stopped. */
  close(): void;
}

export interface WaitsOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Longest wait for one turn, in ms. */
  readonly limitMs: number;
  /** Asks whoever runs the turn to stop. */
  readonly stopTurn: (turnId: TurnId) => Promise<boolean>;
}

/**
 * The requests that wait for turns. A turn that nobody waits for any more, because the last client left or it took
 * too long, is stopped, unless that client wants it to go on; so does one whose client is cut off because this process
 * stops.
 */
export class Waits {
  readonly #options: WaitsOptions;
  readonly #open = new Map<TurnId, Set<(why: WaitEnd) => void>>();
  #stopping = false;

  constructor(options: WaitsOptions) {
    this.#options = options;
  }

  /**
   * @param client - aborts when the client goes away
   * @param keepGoing - the turn goes on when this wait ends
   */
  open(turnId: TurnId, client: AbortSignal, keepGoing = false): Wait {
    const controller = new AbortController();
    const closed = new AbortController();
    const together = this.#open.get(turnId) ?? new Set();

    const close = () => {
      closed.abort();
      client.removeEventListener('abort', leave);
      together.delete(end);
      if (together.size === 0 && this.#open.get(turnId) === together) this.#open.delete(turnId);
    };
    const end = (why: WaitEnd) => {
      if (closed.signal.aborted) return;
      close();
      controller.abort(new WaitEnded(why));
      if (why !== 'stopping' && !keepGoing && together.size === 0) this.#stopTurn(turnId);
    };
    const leave = () => end('client-gone');

    this.#open.set(turnId, together.add(end));
    this.#options.clock.sleep(this.#options.limitMs, closed.signal).then(
      () => end('too-long'),
      () => {}, // closed first
    );
    client.addEventListener('abort', leave, { once: true });
    if (client.aborted) leave();
    if (this.#stopping) end('stopping');
    return { signal: controller.signal, leave, close };
  }

  /** Ends every wait, and each that comes later. */
  stop(): void {
    this.#stopping = true;
    for (const together of this.#open.values()) for (const end of [...together]) end('stopping');
  }

  #stopTurn(turnId: TurnId): void {
    this.#options.stopTurn(turnId).catch((error: unknown) => {
      this.#options.log.warn({ turnId, error: String(error) }, 'could not stop a turn whose client left');
    });
  }
}
