import { ExpectedFailure } from '../../domain/failure.js';
import type { Clock } from '../../ports/process/clock.js';
import { type Check, type Finding, fail } from './finding.js';

export interface CheckResult {
  readonly name: string;
  readonly findings: readonly Finding[];
}

/**
 * Runs all checks at once and gives their results in the order of `checks`, each as soon as those before it are there.
 *
 * @param limitMs - longest time for one check: what hangs is told as failed
 */
export async function* runChecks(
  checks: readonly Check[],
  { clock, limitMs, signal }: { clock: Clock; limitMs: number; signal: AbortSignal },
): AsyncGenerator<CheckResult, void> {
  const running = checks.map((check) => runOne(check, { clock, limitMs, signal }));
  for (const result of running) yield await result;
}

async function runOne(
  check: Check,
  { clock, limitMs, signal }: { clock: Clock; limitMs: number; signal: AbortSignal },
): Promise<CheckResult> {
  const over = new AbortController();
  const late = clock.sleep(limitMs, AbortSignal.any([signal, over.signal])).then(
    () => [
      fail(
        `no answer within ${limitMs / 1000} s`,
        'See whether what it asks hangs, or the network drops it.',
      ),
    ],
    () => [fail('was interrupted', 'Run it again.')],
  );
  const findings = await Promise.race([
    check.run(AbortSignal.any([signal, over.signal])).catch((error: unknown) => [describeFailure(error)]),
    late,
  ]);
  over.abort();
  return { name: check.name, findings };
}

function describeFailure(error: unknown): Finding {
  if (error instanceof ExpectedFailure) return fail(error.message, 'Do what the sentence says.');
  const message = error instanceof Error ? error.message : String(error);
  return fail(`the check itself failed: ${message}`, 'Report this with the output of "npx parley config".');
}
