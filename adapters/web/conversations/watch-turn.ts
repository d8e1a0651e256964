import type { TurnId, TurnOutcome } from '../../../src/domain/turn.js';
import type { Clock } from '../../../src/ports/process/clock.js';
import type { Log } from '../../../src/ports/process/log.js';
import type { TurnEvent, TurnEvents } from '../../../src/ports/turns/live-events.js';
import type { TurnLookup } from '../../../src/ports/turns/turn-lookup.js';

/** What somebody who waits for a turn sees. */
export type WatchedEvent =
  | { readonly type: 'queued'; readonly ahead: number }
  /** The whole reply so far. Shorter than before, or another text, where the turn began again. */
  | { readonly type: 'text'; readonly text: string }
  /** Nothing new for a while. */
  | { readonly type: 'waiting' }
  | { readonly type: 'ended'; readonly outcome: TurnOutcome };

/** Who begins to watch while a reply is written has missed its beginning. */
export type Watcher = 'from the start' | 'late';

export interface WatchDependencies {
  readonly liveEvents: TurnEvents;
  readonly turns: Pick<TurnLookup, 'find'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** How often the database is asked, in ms, in case a live event was lost. */
const POLL_EVERY_MS = 2_000;

/**
 * Follows a turn until it has ended. Live events make it quick; the database, read at the start, at the end and now
 * and then between, makes it true. Whoever reads slowly misses versions of the text, never its end.
 *
 * @throws `signal.reason` on abort
 */
export async function* watchTurn(
  dependencies: WatchDependencies,
  turnId: TurnId,
  signal: AbortSignal,
  watcher: Watcher = 'from the start',
): AsyncGenerator<WatchedEvent, void> {
  const { turns, clock, log } = dependencies;
  const news = new News();
  const unsubscribe = await subscribe(dependencies, turnId, (event) => news.take(event));
  try {
    let ended = await readOutcome();
    if (watcher === 'late' && !ended) dependencies.liveEvents.publish(turnId, { type: 'joined' });
    for (;;) {
      signal.throwIfAborted();
      const queued = news.takeQueued();
      if (queued !== null) yield { type: 'queued', ahead: queued };
      const text = news.takeText();
      if (text !== null) yield { type: 'text', text };
      if (ended) {
        yield { type: 'ended', outcome: ended };
        return;
      }
      const quiet = await nextNews();
      // The event of an earlier revision may arrive late: what the database says holds, if it says anything.
      if (quiet || news.ended) ended = await readOutcome();
      if (quiet && !ended) yield { type: 'waiting' };
    }
  } finally {
    unsubscribe();
  }

  async function readOutcome(): Promise<TurnOutcome | null> {
    const reported = news.takeEnded();
    try {
      return (await turns.find(turnId))?.outcome ?? null;
    } catch (error) {
      log.warn({ turnId, error: String(error) }, 'could not read a turn that a client waits for');
      return reported;
    }
  }

  /** True where nothing came for a while. */
  async function nextNews(): Promise<boolean> {
    const done = new AbortController();
    const timer = AbortSignal.any([signal, done.signal]);
    const slept = clock.sleep(POLL_EVERY_MS, timer).then(
      () => true,
      () => false,
    );
    const quiet = await Promise.race([slept, news.next().then(() => false)]);
    done.abort();
    return quiet;
  }
}

async function subscribe(
  { liveEvents, log }: WatchDependencies,
  turnId: TurnId,
  listener: (event: TurnEvent) => void,
): Promise<() => void> {
  try {
    return await liveEvents.subscribe(turnId, listener);
  } catch (error) {
    log.warn({ turnId, error: String(error) }, 'no live events: a client waits for the database alone');
    return () => {};
  }
}

/** Puts a `text` event after what is known; null where a piece between was missed, until a whole text comes. */
export function withText(known: string | null, event: Extract<TurnEvent, { type: 'text' }>): string | null {
  if (event.offset === 0) return event.text;
  if (known === null || event.offset > known.length) return null;
  return known.slice(0, event.offset) + event.text;
}

/** The newest of each kind of event, until somebody looks. */
class News {
  #text: string | null = '';
  #textIsNew = false;
  #queued: number | null = null;
  #ended: TurnOutcome | null = null;
  #arrived = false;
  #wake: () => void = () => {};

  take(event: TurnEvent): void {
    if (event.type === 'stop' || event.type === 'joined') return; // for the worker
    if (event.type === 'text') {
      this.#text = withText(this.#text, event);
      this.#textIsNew = this.#text !== null;
    } else if (event.type === 'queued') {
      this.#queued = event.ahead;
    } else {
      this.#ended = event.outcome;
    }
    this.#arrived = true;
    this.#wake();
  }

  get ended(): boolean {
    return this.#ended !== null;
  }

  takeEnded(): TurnOutcome | null {
    const ended = this.#ended;
    this.#ended = null;
    return ended;
  }

  takeQueued(): number | null {
    const queued = this.#queued;
    this.#queued = null;
    return queued;
  }

  takeText(): string | null {
    const text = this.#textIsNew ? this.#text : null;
    this.#textIsNew = false;
    return text;
  }

  /** Resolves once something has come since it last resolved. */
  async next(): Promise<void> {
    if (!this.#arrived) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#arrived = false;
  }
}
