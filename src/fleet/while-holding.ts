import type { Leases } from '../ports/fleet/leases.js';
import type { Clock } from '../ports/process/clock.js';
import type { Log } from '../ports/process/log.js';
import { within } from '../process/time-limit.js';

/** Of a process that died, the lease runs out after this time. Prolonged four times within it. */
const LEASE_MS = 6_000;
const RENEW_EVERY_MS = 1_500;
/** How often who stands by asks again. */
const ASK_EVERY_MS = 500;
/** An answer of the store that takes longer is no answer. */
const ANSWER_MS = 3_000;
/** The holder gives up this long before its lease runs out: others may count from an earlier moment. */
const MARGIN_MS = 1_000;

export interface HoldingOptions {
  readonly leases: Leases;
  readonly name: string;
  readonly owner: string;
  /** What others may read of the holder; asked for each time the lease is prolonged. */
  readonly note?: () => string | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Called when someone else turns out to hold it. */
  readonly onStandby?: () => void;
  /** Asked before each try to take it; true where left out. */
  readonly mayTake?: () => Promise<boolean>;
  /** Ends it all. */
  readonly signal: AbortSignal;
}

/** What the work of a holder is given. */
export interface Holding {
  /** Aborts when the lease is lost, or the caller's signal does: the work ends at once. */
  readonly signal: AbortSignal;
  /** Someone else may hold it by now. */
  readonly lost: () => boolean;
}

/**
 * Does `work` while this process holds the lease, again each time that it gets it, and gives the lease back when the
 * work has ended.
 *
 * @returns what `work` returned of its own accord; null once the caller's signal has aborted
 */
export async function whileHolding<T>(
  options: HoldingOptions,
  work: (holding: Holding) => Promise<T>,
): Promise<T | null> {
  const { leases, name, owner, clock, log, signal } = options;
  while (!signal.aborted) {
    const may = (await options.mayTake?.()) ?? true;
    if (signal.aborted) break;
    const until = may ? await tryToTake(options) : null;
    if (until === null) {
      options.onStandby?.();
      await clock.sleep(ASK_EVERY_MS, signal).catch(() => {});
      continue;
    }
    const lost = new AbortController();
    const ended = new AbortController();
    const renewing = renew(options, until, lost, ended.signal);
    const held = AbortSignal.any([signal, lost.signal]);
    try {
      const result = await work({ signal: held, lost: () => lost.signal.aborted });
      if (!held.aborted) return result;
    } finally {
      ended.abort();
      await renewing;
      await inTime(ANSWER_MS, leases.release(name, owner), clock).catch((error: unknown) =>
        log.warn({ lease: name, err: error }, 'a lease was not given back'),
      );
    }
  }
  return null;
}

/** @returns when it runs out, by this process's clock; null where it was not to be had */
async function tryToTake({ leases, name, owner, note, clock, log }: HoldingOptions): Promise<number | null> {
  // Counted from before the request: the store counts from later.
  const until = clock.now() + LEASE_MS;
  try {
    return (await inTime(ANSWER_MS, leases.take(name, owner, LEASE_MS, note?.()), clock)) ? until : null;
  } catch (error) {
    log.debug({ lease: name, err: error }, 'a lease could not be asked for');
    return null;
  }
}

/** Prolongs the lease until `ended` aborts; aborts `lost` where it could not. */
async function renew(
  options: HoldingOptions,
  until: number,
  lost: AbortController,
  ended: AbortSignal,
): Promise<void> {
  const { leases, name, owner, note, clock, log } = options;
  for (let end = until; ; ) {
    const left = () => end - MARGIN_MS - clock.now();
    await clock.sleep(Math.min(RENEW_EVERY_MS, Math.max(0, left())), ended).catch(() => {});
    if (ended.aborted) return;
    const asked = clock.now();
    const asking = leases.take(name, owner, LEASE_MS, note?.());
    const answer = await inTime(Math.max(0, left()), asking, clock).catch(() => null);
    if (ended.aborted) return;
    if (answer === true) end = asked + LEASE_MS;
    else if (answer === false || left() <= 0) {
      log.warn({ lease: name }, 'a lease was lost: another process may go on');
      return lost.abort(new Error('the lease was lost'));
    }
  }
}

function inTime<T>(ms: number, answer: Promise<T>, clock: Clock): Promise<T> {
  return within(ms, answer, () => new Error(`no answer within ${ms} ms`), clock);
}
