import type { EditBudget, Rate } from '../ports/delivery/edit-budget.js';
import type { Clock } from '../ports/process/clock.js';
import type { EditSlots, Slot, SlotAnswer } from './edit-slots.js';
import { pacedEditBudget } from './paced-edit-budget.js';

/** What is remembered of one key. */
interface Tally {
  /** When edits were taken, oldest first. */
  times: number[];
  /** The longest window asked for. */
  perMs: number;
  pausedUntil: number;
}

/** Keys held before idle ones are looked for. */
const FIRST_SWEEP = 64;

/** Budgets of a single process. */
export function memoryEditBudget(clock: Clock): EditBudget {
  return pacedEditBudget(new MemoryEditSlots(clock), clock);
}

/** Counts edits in this process. Keys that are idle are forgotten: it holds at most twice the busy ones, and 64. */
export class MemoryEditSlots implements EditSlots {
  readonly #clock: Clock;
  readonly #tallies = new Map<string, Tally>();
  #sweepAt = FIRST_SWEEP;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Keys remembered now. */
  get size(): number {
    return this.#tallies.size;
  }

  take(key: string, rate: Rate): SlotAnswer {
    const now = this.#clock.now();
    const tally = this.#tally(key, now);
    tally.perMs = Math.max(tally.perMs, rate.perMs);
    settle(tally, now);
    if (tally.pausedUntil > now) return { granted: false, waitMs: tally.pausedUntil - now };
    // The edit that has to leave the window before the next may enter it.
    const blocking = tally.times[tally.times.length - Math.floor(rate.edits)];
    if (blocking !== undefined && blocking + rate.perMs > now) {
      return { granted: false, waitMs: blocking + rate.perMs - now };
    }
    tally.times.push(now);
    return { granted: true, slot: { takenAt: now, id: key } };
  }

  giveBack(key: string, slot: Slot): void {
    const times = this.#tallies.get(key)?.times;
    const place = times?.lastIndexOf(slot.takenAt) ?? -1;
    if (place >= 0) times?.splice(place, 1);
  }

  pause(key: string, ms: number): void {
    if (!(ms > 0)) return;
    const now = this.#clock.now();
    const tally = this.#tally(key, now);
    tally.pausedUntil = Math.max(tally.pausedUntil, now + ms);
  }

  #tally(key: string, now: number): Tally {
    const known = this.#tallies.get(key);
    if (known) return known;
    if (this.#tallies.size >= this.#sweepAt) this.#sweep(now);
    const tally: Tally = { times: [], perMs: 0, pausedUntil: 0 };
    this.#tallies.set(key, tally);
    return tally;
  }

  #sweep(now: number): void {
    for (const [key, tally] of this.#tallies) {
      settle(tally, now);
      if (tally.times.length === 0 && tally.pausedUntil <= now) this.#tallies.delete(key);
    }
    this.#sweepAt = Math.max(FIRST_SWEEP, this.#tallies.size * 2);
  }
}

/** Drops what no window reaches any more. A clock set back must not block a key until it has caught up. */
function settle(tally: Tally, now: number): void {
  tally.times = tally.times.filter((at) => at + tally.perMs > now).map((at) => Math.min(at, now));
}
