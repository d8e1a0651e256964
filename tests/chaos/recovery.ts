import type { Activity } from './activity.js';
import type { Struck } from './fault-driver.js';
import type { Ending } from './fleet.js';
import type { BrokenStream } from './scripted-model.js';

/** How long an answer that was being written when its process was killed stood still. */
export interface Recovery {
  readonly tag: string;
  /** The process. */
  readonly name: string;
  /** From the kill to the next change that people see, in ms; null where nothing came any more. */
  readonly ms: number | null;
  /** Nothing else was away meanwhile. */
  readonly alone: boolean;
}

/** A killed process's connections are closed within this, in ms. */
const CLOSING_MS = 300;
/** A request that the process sent before it died may still have its effect so long after, in ms. */
const AFTERMATH_MS = 100;
/** What is back again is at work again within this, in ms: a process to start, connections to open. */
const BACK_MS = 5_000;

export function recoveries(
  endings: readonly Ending[],
  broken: readonly BrokenStream[],
  struck: readonly Struck[],
  activity: Activity,
): Recovery[] {
  return endings
    .filter(({ signal, command }) => signal === 'SIGKILL' && command !== 'gateway')
    .flatMap(({ name, at }) =>
      broken
        .filter((stream) => Math.abs(stream.at - at) < CLOSING_MS)
        .flatMap(({ tag }): Recovery[] => {
          const next = activity.nextChange(tag, at + AFTERMATH_MS);
          // All of it stood there already: the process died over what it had yet to store.
          if (next === null && activity.finished(tag)) return [];
          const alone = !amongOthers(at, next ?? Number.POSITIVE_INFINITY, struck);
          return [{ tag, name, ms: next === null ? null : next - at, alone }];
        }),
    );
}

/** Whether, beside the kill at `from` itself, something was away between `from` and `to`. */
function amongOthers(from: number, to: number, struck: readonly Struck[]): boolean {
  const halting = struck.filter(({ halts }) => halts);
  const itself = halting.findLast((fault) => fault.from <= from);
  return halting.some((fault) => fault !== itself && fault.from < to && fault.to + BACK_MS > from);
}
