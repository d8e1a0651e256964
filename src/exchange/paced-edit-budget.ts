import type { EditBudget, Rate } from '../ports/delivery/edit-budget.js';
import type { Clock } from '../ports/process/clock.js';
import type { EditSlots } from './edit-slots.js';

interface Waiter {
  readonly rate: Rate;
  readonly urgent: boolean;
  grant(): void;
}

/** Those of this process who wait for one key. */
interface Line {
  readonly waiters: Waiter[];
  /** Aborted when whoever is first has changed: what was being waited for may no longer be right. */
  changed: AbortController;
}

/**
 * Gives out edits as `slots` allow: urgent ones first, otherwise first come, first served within this process.
 *
 * Holds memory only for keys that somebody waits for.
 */
export function pacedEditBudget(slots: EditSlots, clock: Clock): EditBudget {
  const lines = new Map<string, Line>();

  /** Serves a line until nobody is left in it. */
  async function serve(key: string, line: Line): Promise<void> {
    for (let first = line.waiters[0]; first; first = line.waiters[0]) {
      const answer = await slots.take(key, first.rate, first.urgent);
      if (answer.granted) {
        const next = line.waiters.shift();
        if (next) next.grant();
        else slots.giveBack(key, answer.slot);
      } else {
        await clock.sleep(Math.max(1, answer.waitMs), line.changed.signal).catch(() => {});
      }
      if (line.changed.signal.aborted) line.changed = new AbortController();
    }
    lines.delete(key);
  }

  function join(key: string, waiter: Waiter): Line {
    const standing = lines.get(key);
    const line = standing ?? { waiters: [], changed: new AbortController() };
    const behindUrgent = line.waiters.findIndex((other) => !other.urgent);
    const place = waiter.urgent && behindUrgent >= 0 ? behindUrgent : line.waiters.length;
    line.waiters.splice(place, 0, waiter);
    if (place === 0) line.changed.abort();
    if (!standing) {
      lines.set(key, line);
      void serve(key, line);
    }
    return line;
  }

  return {
    take(key, rate, urgent, signal) {
      return new Promise((resolve, reject) => {
        if (!(rate.edits >= 1 && rate.perMs > 0)) throw new RangeError('a rate allows at least one edit');
        signal.throwIfAborted();
        const leave = () => {
          const place = line.waiters.indexOf(waiter);
          if (place >= 0) line.waiters.splice(place, 1);
          if (place === 0) line.changed.abort();
          reject(signal.reason);
        };
        const waiter: Waiter = {
          rate,
          urgent,
          grant() {
            signal.removeEventListener('abort', leave);
            resolve();
          },
        };
        signal.addEventListener('abort', leave, { once: true });
        const line = join(key, waiter);
      });
    },
    pause: (key, ms) => slots.pause(key, ms),
  };
}
