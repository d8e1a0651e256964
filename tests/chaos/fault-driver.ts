import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './faults/fault.js';
import type { Random } from './random.js';

export interface FaultDriverOptions {
  readonly faults: readonly Fault[];
  readonly random: Random;
  /** Milliseconds between one fault and the next, at least and at most. */
  readonly everyMs: readonly [number, number];
  readonly note: (line: string) => void;
}

/** A fault that has been. Milliseconds since 1970. */
export interface Struck {
  readonly name: string;
  readonly halts: boolean;
  readonly from: number;
  readonly to: number;
}

/** Lets one fault after the other strike until `signal` aborts. Resolves when the last is over, with all there were. */
export async function driveFaults(
  options: FaultDriverOptions,
  signal: AbortSignal,
): Promise<readonly Struck[]> {
  const { faults, random, everyMs, note } = options;
  const striking: Promise<Struck>[] = [];
  for (;;) {
    await delay(random.between(...everyMs), undefined, { signal }).catch(() => {});
    if (signal.aborted) break;
    const fault = random.weighted(faults, ({ weight }) => weight);
    striking.push(strike(fault, random.fork(`${fault.name} ${striking.length}`), note));
  }
  return Promise.all(striking);
}

async function strike(fault: Fault, random: Random, note: (line: string) => void): Promise<Struck> {
  const { name, halts } = fault;
  const from = Date.now();
  note(name);
  try {
    await fault.strike(random);
  } catch (error) {
    note(`${name} did not work: ${String(error)}`);
  }
  return { name, halts, from, to: Date.now() };
}
