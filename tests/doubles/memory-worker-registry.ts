import type { WorkerRegistry } from '../../src/ports/fleet/worker-registry.js';
import type { Clock } from '../../src/ports/process/clock.js';

/** What workers announce, in memory. */
export function memoryWorkerRegistry(clock: Pick<Clock, 'now'>): WorkerRegistry {
  const until = new Map<string, { readonly alias: string; readonly worker: string; readonly at: number }>();
  function end(worker: string): void {
    for (const [key, served] of until)
      if (served.worker === worker && served.at > clock.now()) until.set(key, { ...served, at: clock.now() });
  }
  return {
    async announce(worker, aliases, ttlMs) {
      end(worker);
      for (const alias of aliases)
        until.set(`${alias}/${worker}`, { alias, worker, at: clock.now() + ttlMs });
    },
    async withdraw(worker) {
      end(worker);
    },
    async unservedMs() {
      const unserved = new Map<string, number>();
      for (const { alias, at } of until.values()) {
        const ms = at > clock.now() ? 0 : Math.max(1, clock.now() - at);
        unserved.set(alias, Math.min(ms, unserved.get(alias) ?? ms));
      }
      return unserved;
    },
    async stop() {},
  };
}
