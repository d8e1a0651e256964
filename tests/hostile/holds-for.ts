import { appendFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';

/** Inputs of each property: some hundreds in `npm test`, thousands in `npm run fuzz`. */
const INPUTS = Number(process.env['FUZZ_INPUTS'] ?? 200);
/** Repeats an earlier run. */
const SEED = process.env['FUZZ_SEED'] === undefined ? undefined : Number(process.env['FUZZ_SEED']);
/** Where a long run counts what it has tried: a line of JSON for each property. */
const COUNTS = process.env['FUZZ_COUNTS'];

/** Processor time that one input may take, in ms; measured again where something else took it. */
const INPUT_LIMIT_MS = 1_000;
/** A property stops there, with what it has tried, in ms. */
const PROPERTY_LIMIT_MS = 60_000;
/** A single input that never ends fails the property there, in ms. */
const HANG_LIMIT_MS = 120_000;
/** Resident memory that a property may add, in bytes: what it keeps alive and what the collector has left lying. */
const MEMORY_LIMIT_BYTES = 512 * 2 ** 20;

export interface HoldsOptions {
  /** Of the usual number of inputs: properties over sockets take fewer. */
  readonly share?: number;
  /** Inputs that one generated value is: a burst of frames is as many. */
  readonly each?: number;
}

/**
 * A test that `check` holds for every `input`: it neither throws nor hangs, takes at most a second of the processor,
 * and memory stays bounded. Vitest itself fails on an unhandled rejection.
 */
export function holdsFor<T>(
  what: string,
  input: fc.Arbitrary<T>,
  check: (value: T) => void | Promise<void>,
  { share = 1, each = 1 }: HoldsOptions = {},
): void {
  test(what, { timeout: HANG_LIMIT_MS }, async () => {
    const before = process.memoryUsage.rss();
    let tried = 0;
    let slowestMs = 0;
    const timed = async (value: T): Promise<number> => {
      const start = process.cpuUsage();
      await check(value);
      const { user, system } = process.cpuUsage(start);
      return (user + system) / 1_000;
    };
    const property = fc.asyncProperty(input, async (value) => {
      tried += 1;
      let ms = await timed(value);
      if (ms > INPUT_LIMIT_MS) ms = await timed(value);
      slowestMs = Math.max(slowestMs, ms);
      expect(ms, 'ms of the processor for one input').toBeLessThanOrEqual(INPUT_LIMIT_MS);
    });
    await fc.assert(property, {
      numRuns: Math.max(share < 1 ? 3 : 10, Math.ceil((INPUTS * share) / each)),
      interruptAfterTimeLimit: PROPERTY_LIMIT_MS,
      ...(SEED === undefined ? {} : { seed: SEED }),
    });
    const grownBytes = process.memoryUsage.rss() - before;
    expect(grownBytes, 'bytes of memory added').toBeLessThan(MEMORY_LIMIT_BYTES);
    if (COUNTS === undefined) return;
    const line = { what, inputs: tried * each, slowestMs: Math.round(slowestMs), grownBytes };
    appendFileSync(COUNTS, `${JSON.stringify(line)}\n`);
  });
}
