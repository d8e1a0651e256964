import { setTimeout as delay } from 'node:timers/promises';
import type { Activity } from './activity.js';
import type { AskedQuestion, Venue } from './talk.js';

export interface SettleOptions {
  readonly asked: readonly AskedQuestion[];
  readonly activity: Activity;
  readonly venues: readonly Venue[];
  /** Turns that the bot has not ended; null where it does not tell. */
  readonly unfinishedTurns: () => Promise<number | null>;
}

/** What the bot has to finish everything once no more goes wrong, in ms. */
const SETTLE_MS = 180_000;
/** Nothing has changed for so long, in ms: longer than Discord lets a reply's edits wait. */
const QUIET_MS = 6_000;
const LOOK_MS = 200;

/**
 * Waits until every question is answered that was heard, no platform has anything left to tell, no turn is left, and
 * nothing moves any more.
 *
 * @returns false where that took too long
 */
export async function settle(options: SettleOptions): Promise<boolean> {
  const began = Date.now();
  while (Date.now() - began < SETTLE_MS) {
    if (isStill(options) && (await options.unfinishedTurns()) === 0 && isStill(options)) return true;
    await delay(LOOK_MS);
  }
  return false;
}

function isStill({ asked, activity, venues }: SettleOptions): boolean {
  if (Date.now() - activity.lastChangeAt < QUIET_MS || venues.some((venue) => venue.pending())) return false;
  return asked.every((question) => activity.finished(question.tag) || question.mayBeMissed());
}
