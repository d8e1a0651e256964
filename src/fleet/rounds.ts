import type { Address } from '../domain/address.js';
import type { EffectiveSettings } from '../domain/settings.js';
import type { Clock } from '../ports/process/clock.js';
import type { Log } from '../ports/process/log.js';
import type { TurnUpkeep } from '../ports/turns/turn-upkeep.js';
import type { WakeUps } from '../ports/turns/wake-ups.js';
import { ended } from '../process/time-limit.js';

/** Conversations looked after in one round: the rest is still overdue in the next. */
const ROUND_LIMIT = 500;
/** Milliseconds `stop` waits for a round under way. */
const STOP_MS = 5_000;

/** Looks after something again and again, until it is stopped. */
export interface Sweeper {
  /** Starts with a round at once. Started already: does nothing. */
  start(): void;
  /** Ends within 5 s. May be called twice. */
  stop(): Promise<void>;
}

export interface SweeperDeps {
  readonly upkeep: Pick<TurnUpkeep, 'overdue'>;
  readonly wakeUps: WakeUps;
  readonly settingsAt: (address: Address) => Promise<EffectiveSettings>;
  readonly clock: Clock;
  readonly log: Log;
  readonly everyMs: number;
  /** Age of a turn whose wake-up is taken for lost: well above what a turn waits on a quiet machine. */
  readonly olderThanMs: number;
}

/**
 * Adds wake-ups again that were lost between database and queue, or that nobody takes where they are. One that was not
 * lost absorbs its copy, so that any number of processes may sweep.
 */
export function createSweeper(deps: SweeperDeps): Sweeper {
  return createRounds({ ...deps, name: 'lost wake-ups' }, async (signal) => {
    const conversations = await deps.upkeep.overdue(deps.olderThanMs, ROUND_LIMIT);
    for (const { conversationId, address, model } of conversations) {
      signal.throwIfAborted();
      await deps.wakeUps.add({ conversationId, alias: model ?? (await deps.settingsAt(address)).model });
    }
    if (conversations.length > 0) deps.log.debug({ conversations: conversations.length }, 'woken up again');
  });
}

export interface RoundsOptions {
  /** What the rounds look after, for the log. */
  readonly name: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds between the end of a round and the next. */
  readonly everyMs: number;
}

/** Runs `round` again and again. A round that fails is logged, and the next one comes in its time. */
export function createRounds(options: RoundsOptions, round: (signal: AbortSignal) => Promise<void>): Sweeper {
  const { name, clock, log, everyMs } = options;
  const stopping = new AbortController();
  let running: Promise<void> | undefined;

  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await round(signal);
      } catch (err) {
        if (!signal.aborted) log.warn({ sweep: name, err }, 'sweep failed');
      }
      await clock.sleep(everyMs, signal).catch(() => {});
    }
  }

  return {
    start() {
      if (!stopping.signal.aborted) running ??= run(stopping.signal);
    },
    async stop() {
      stopping.abort();
      await ended(Promise.resolve(running), STOP_MS, clock);
    },
  };
}
