import type { WorkerRegistry } from '../ports/fleet/worker-registry.js';
import type { Clock } from '../ports/process/clock.js';
import type { Log } from '../ports/process/log.js';
import { createRounds } from './rounds.js';

/** A worker that died is noticed after this long. */
const TTL_MS = 15_000;
/** A third of that, so that one lost announcement costs nothing. */
const EVERY_MS = 5_000;

export interface Announcement {
  /** Says it again at once, because it has changed. Never throws: it is said again in any case. */
  renew(): Promise<void>;
  /** Takes it back. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Says again and again which models a worker serves, from now until it is stopped.
 *
 * @param aliases - asked each time
 */
export function announceModels(
  worker: string,
  aliases: () => Iterable<string>,
  deps: {
    readonly registry: Pick<WorkerRegistry, 'announce' | 'withdraw'>;
    readonly clock: Clock;
    readonly log: Log;
  },
): Announcement {
  const { registry, log } = deps;
  const say = () => registry.announce(worker, [...aliases()], TTL_MS);
  const rounds = createRounds({ ...deps, name: 'announced models', everyMs: EVERY_MS }, say);
  let stopped = false;
  rounds.start();
  return {
    async renew() {
      if (stopped) return;
      await say().catch((err: unknown) => log.warn({ err }, 'changed models not announced yet'));
    },
    async stop() {
      stopped = true;
      await rounds.stop();
      await registry.withdraw(worker).catch((err: unknown) => {
        log.warn({ err }, 'models not withdrawn: it is noticed when their time has run out');
      });
    },
  };
}
