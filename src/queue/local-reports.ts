import type { Clock } from '../ports/clock.js';
import { type ModelOrder, type ModelOrders, ORDER_TTL_MS, UNTAKEN_KEPT_MS } from '../ports/model-orders.js';
import type { ProcessReports } from '../ports/process-reports.js';
import type { Reports } from '../ports/reports.js';

/** Where one process is everything at once. */
export function localReports(clock: Pick<Clock, 'now'>): Reports {
  return {
    platforms: localProcessReports(clock),
    workers: localProcessReports(clock),
    orders: localModelOrders(clock),
    logExports: localProcessReports(clock),
    async stop() {},
  };
}

function localProcessReports<Report>(clock: Pick<Clock, 'now'>): ProcessReports<Report> {
  const said = new Map<string, { readonly until: number; readonly report: Report }>();
  return {
    async report(process, report, ttlMs) {
      said.set(process, { until: clock.now() + ttlMs, report });
    },
    async withdraw(process) {
      said.delete(process);
    },
    async all() {
      for (const [process, { until }] of said) if (until <= clock.now()) said.delete(process);
      return new Map([...said].map(([process, { report }]) => [process, report]));
    },
  };
}

function localModelOrders(clock: Pick<Clock, 'now'>): ModelOrders {
  const given = new Map<string, ModelOrder & { readonly at: number }>();
  const ageOf = ({ at }: { readonly at: number }) => clock.now() - at;
  return {
    async give(order) {
      given.set(JSON.stringify([order.worker, order.alias]), { ...order, at: clock.now() });
    },
    async take(worker) {
      const taken = [...given].filter(([, order]) => order.worker === worker && ageOf(order) <= ORDER_TTL_MS);
      for (const [key] of taken) given.delete(key);
      return taken.map(([, { at: _, ...order }]) => order);
    },
    async untaken() {
      for (const [key, order] of given) if (ageOf(order) > UNTAKEN_KEPT_MS) given.delete(key);
      return [...given.values()].map(({ at, ...order }) => ({ ...order, ageMs: ageOf({ at }) }));
    },
  };
}
