/** A point at which the process waits for something outside, while it works on one message. */
export interface Step {
  /** `→` what is about to be sent, `←` what has just come. */
  readonly label: string;
  /** Counted from 1, from the moment the message comes in. */
  readonly occurrence: number;
}

/** A step to end the process at. */
export interface StrikePoint extends Step {
  /** What had just come when this is about to be sent: nothing lies between, so that an end at either is the same. */
  readonly after: string | null;
  /** In which of the conversations the message is to come. */
  readonly talk: number;
}

/** What a process did, first without a message and then with one. */
export interface Exploration {
  /** Labels of what it does again and again in any case. */
  readonly idle: ReadonlySet<string>;
  /** From the moment the message came in, in order. */
  readonly steps: readonly Step[];
}

/** Written before the steps of a process that knows of no message yet. */
const BEFORE = '~ ';
/** To be written where the process has started and has nothing to do. */
export const IDLE_FROM_HERE = `${BEFORE}idle\n`;

/** @param record - a line for each step, as `preload.mjs` writes it */
export function readExploration(record: string): Exploration {
  const [, idling = ''] = record.split(IDLE_FROM_HERE);
  const lines = idling.split('\n').filter(Boolean);
  const idle = lines.filter((line) => line.startsWith(BEFORE)).map((line) => line.slice(BEFORE.length));
  const times = new Map<string, number>();
  const steps = lines
    .filter((line) => !line.startsWith(BEFORE))
    .map((label) => {
      const occurrence = (times.get(label) ?? 0) + 1;
      times.set(label, occurrence);
      return { label, occurrence };
    });
  return { idle: new Set(idle), steps };
}

/** The steps of a message's way: what the process does without one is left out. */
export function wayOf({ idle, steps }: Exploration): readonly Step[] {
  return steps.filter(({ label }) => !idle.has(label));
}

/** A point for each step of a way. */
export function everyPoint(steps: readonly Step[], talk: number): StrikePoint[] {
  return steps.map((step) => ({ ...step, after: null, talk }));
}

/** Points that stand for every step of a way, as few as may be. */
export function fewestPoints(steps: readonly Step[], talk: number): StrikePoint[] {
  return steps.flatMap((step, i) => {
    const [before, next] = [steps[i - 1]?.label, steps[i + 1]?.label];
    if (!isSent(step.label)) {
      // The next point stands for this one as well.
      return next !== undefined && isSent(next) ? [] : [{ ...step, after: null, talk }];
    }
    return [{ ...step, after: before !== undefined && !isSent(before) ? before : null, talk }];
  });
}

/** Labels of the steps that a point stands for. */
export function labelsOf({ label, after }: StrikePoint): string[] {
  return after === null ? [label] : [after, label];
}

function isSent(label: string): boolean {
  return label.startsWith('→');
}
