import { randomUUID } from 'node:crypto';
import type { ProcessReports } from '../ports/fleet/process-reports.js';
import type { Reports } from '../ports/fleet/reports.js';
import {
  type ModelOrders,
  OPEN_KEPT_MS,
  ORDER_TTL_MS,
  type TakenOrder,
} from '../ports/models/model-orders.js';
import type { Clock } from '../ports/process/clock.js';

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
  const orders = new Map<string, TakenOrder & { readonly taken: boolean; readonly at: number }>();
  const ageOf = ({ at }: { readonly at: number }) => clock.now() - at;
  return {
    async give(order) {
      const now = { at: clock.now(), taken: false, id: randomUUID() };
      orders.set(JSON.stringify([order.worker, order.alias]), { ...order, ...now });
    },
    async take(worker) {
      const found = [...orders].filter(
        ([, order]) => order.worker === worker && (order.taken || ageOf(order) <= ORDER_TTL_MS),
      );
      for (const [key, order] of found) {
        orders.delete(key);
        orders.set(order.id, { ...order, taken: true, at: clock.now() });
      }
      return found.map(([, { at: _, taken: __, ...order }]) => order);
    },
    async done(id) {
      orders.delete(id);
    },
    async open() {
      for (const [key, order] of orders) if (ageOf(order) > OPEN_KEPT_MS) orders.delete(key);
      return [...orders.values()].map(({ at, id: _, ...order }) => ({ ...order, ageMs: ageOf({ at }) }));
    },
  };
}
