import type { ModelAction, ModelReport, WorkerReport } from '../domain/models/model-report.js';
import type { Reports } from '../ports/fleet/reports.js';
import type { TakenOrder } from '../ports/models/model-orders.js';
import type { Clock } from '../ports/process/clock.js';
import type { Log } from '../ports/process/log.js';
import { createRounds } from './rounds.js';

/** A worker that died is noticed after this long. */
const TTL_MS = 15_000;
/** A third of that, so that one lost report costs nothing. */
const SAY_AGAIN_MS = 5_000;
/** How long an order waits at most, and a change is not seen. */
const ROUND_MS = 1_000;

export interface AttendModelsDeps {
  readonly upkeep: {
    report(): Promise<readonly ModelReport[]>;
    /** False where the worker stopped first. Throws where it could not begin: to be tried again. */
    carryOut(action: ModelAction, alias: string): Promise<boolean>;
  };
  readonly reports: Pick<Reports, 'workers' | 'orders'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Tells how a worker's models are, and has orders for them carried out, until it is stopped. */
export function attendModels(worker: string, deps: AttendModelsDeps): { stop(): Promise<void> } {
  const { upkeep, reports, clock, log } = deps;
  const startedAt = clock.now();
  let said = '';
  let saidAt = Number.NEGATIVE_INFINITY;

  async function tell(): Promise<void> {
    const report: WorkerReport = { startedAt, models: await upkeep.report() };
    const now = JSON.stringify(report);
    if (now === said && clock.now() - saidAt < SAY_AGAIN_MS) return;
    await reports.workers.report(worker, report, TTL_MS);
    [said, saidAt] = [now, clock.now()];
  }

  /** Orders under way, by id, and those that are done, until that could be said. */
  const known = new Map<string, 'under way' | 'done'>();

  async function carryOut({ id, action, alias }: TakenOrder): Promise<void> {
    if (known.has(id)) return;
    known.set(id, 'under way');
    try {
      if (await upkeep.carryOut(action, alias)) known.set(id, 'done');
    } catch (err) {
      known.delete(id);
      log.warn({ model: alias, action, err }, 'an order for a model could not be begun');
    }
  }

  async function sayWhatIsDone(): Promise<void> {
    for (const [id, state] of known) {
      if (state !== 'done') continue;
      await reports.orders.done(id);
      known.delete(id);
    }
  }

  const rounds = createRounds({ name: 'models and orders', clock, log, everyMs: ROUND_MS }, async () => {
    await sayWhatIsDone();
    for (const order of await reports.orders.take(worker)) void carryOut(order);
    await tell();
  });
  rounds.start();
  return {
    async stop() {
      await rounds.stop();
      await sayWhatIsDone().catch((err: unknown) =>
        log.warn({ err }, 'orders that are done stay in the list'),
      );
      await reports.workers.withdraw(worker).catch((err: unknown) => {
        log.warn({ err }, 'models not withdrawn: it is noticed when their time has run out');
      });
    },
  };
}
