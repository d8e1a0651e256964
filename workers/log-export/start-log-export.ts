import { randomBytes } from 'node:crypto';
import { ExpectedFailure } from '../../src/domain/failure.js';
import type { LogExportReport } from '../../src/domain/log-export-report.js';
import type { TurnId } from '../../src/domain/turn.js';
import { createRounds } from '../../src/fleet/rounds.js';
import type { Clock } from '../../src/ports/process/clock.js';
import type { Log } from '../../src/ports/process/log.js';
import type { JobQueue } from '../../src/ports/queue/job-queue.js';
import type { KeyValueStore } from '../../src/ports/settings/key-value-store.js';
import type { TurnExports } from '../../src/ports/turns/turn-exports.js';
import { exportDocument, type Pseudonym, pseudonymBy } from './export-document.js';
import { type LogEndpoint, postDocument, safeUrl } from './post-document.js';

const SINCE = 'log-export.since';
const SALT = 'log-export.salt';
const CONCURRENCY = 2;
/** Turns looked up in one round of the sweep. */
const ROUND_LIMIT = 200;
const SWEEP_MS = 60_000;
const TIMEOUT_MS = 10_000;

export interface LogExportDeps {
  readonly url: string;
  /** Key of the signature; null: unsigned. */
  readonly secret: string | null;
  readonly hashUserNames: boolean;
  readonly exports: TurnExports;
  /** Stays open when the export stops. */
  readonly jobs: JobQueue<{ readonly turnId: TurnId }>;
  readonly facts: KeyValueStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly timeoutMs?: number;
  readonly sweepEveryMs?: number;
}

export interface LogExport {
  /** Sees to it that a turn which has just finished is posted. Never throws: what cannot be queued now is found later. */
  onEnded(turnId: TurnId): Promise<void>;
  /** How it fares since it was started. */
  report(): LogExportReport;
  stop(graceMs: number): Promise<void>;
}

/**
 * Posts each turn that finishes from now on, at least once, however often this process or the endpoint goes down.
 * Turns that finished before the export was first turned on stay here.
 *
 * @throws {ExpectedFailure} `setup` where the address is not safe to post to
 */
export async function startLogExport(deps: LogExportDeps): Promise<LogExport> {
  const { jobs, exports, clock, log } = deps;
  const endpoint: LogEndpoint = {
    url: safeUrl(deps.url).href,
    secret: deps.secret,
    timeoutMs: deps.timeoutMs ?? TIMEOUT_MS,
  };
  const pseudonym = deps.hashUserNames ? pseudonymBy(deps.secret ?? (await saltOf(deps.facts))) : null;
  await exports.skipFinishedBefore(await startOf(deps.facts, clock));

  let report: LogExportReport = {
    origin: new URL(endpoint.url).origin,
    lastSuccessAt: null,
    lastFailure: null,
  };
  const outcome = (problem: string | null) => {
    const at = clock.now();
    report =
      problem === null
        ? { ...report, lastSuccessAt: at }
        : { ...report, lastFailure: { at, reason: problem } };
  };
  const worker = jobs.work(
    ({ turnId }, signal) => exportTurn(turnId, endpoint, pseudonym, { ...deps, outcome }, signal),
    { concurrency: CONCURRENCY },
  );
  const sweep = createRounds(
    { name: 'log export', clock, log, everyMs: deps.sweepEveryMs ?? SWEEP_MS },
    async (signal) => {
      for (const turnId of await exports.unexported(ROUND_LIMIT)) {
        signal.throwIfAborted();
        await jobs.add({ turnId });
      }
    },
  );
  sweep.start();

  return {
    async onEnded(turnId) {
      await jobs.add({ turnId }).catch((err: unknown) => {
        log.debug({ turnId, err }, 'export not queued: the sweep will');
      });
    },
    report: () => report,
    async stop(graceMs) {
      await Promise.all([sweep.stop(), worker.stop(graceMs)]);
    },
  };
}

/** Notes that nothing is exported any more: turns that finish until it is turned on again are not posted then. */
export async function forgetLogExport(facts: KeyValueStore): Promise<void> {
  if (await facts.get(SINCE)) await facts.set(SINCE, '');
}

async function exportTurn(
  turnId: TurnId,
  endpoint: LogEndpoint,
  pseudonym: Pseudonym | null,
  { exports, log, outcome }: LogExportDeps & { readonly outcome: (problem: string | null) => void },
  signal: AbortSignal,
): Promise<void> {
  const turn = await exports.read(turnId);
  if (!turn) return;
  const body = JSON.stringify(exportDocument(turn, pseudonym));
  try {
    await postDocument(endpoint, body, `turn-${turn.id}.${turn.revision}`, signal);
    outcome(null);
  } catch (error) {
    if (error instanceof ExpectedFailure) outcome(error.message);
    if (!(error instanceof ExpectedFailure) || error.retryable) throw error;
    // Posting it again would be refused again; the sweep must not bring it up for ever.
    log.error({ turnId, reason: error.message }, 'turn not exported');
  }
  await exports.markExported(turnId, turn.revision);
}

/** When the export was turned on. */
async function startOf(facts: KeyValueStore, clock: Clock): Promise<Date> {
  const known = await facts.get(SINCE);
  if (known) return new Date(known);
  const now = new Date(clock.now());
  await facts.set(SINCE, now.toISOString());
  return now;
}

async function saltOf(facts: KeyValueStore): Promise<string> {
  const known = await facts.get(SALT);
  if (known) return known;
  const salt = randomBytes(32).toString('hex');
  await facts.set(SALT, salt);
  // Another process may have been there at the same moment: what is stored counts.
  return (await facts.get(SALT)) ?? salt;
}
