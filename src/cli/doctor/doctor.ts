import type { ParleyConfig } from '../../config/parley-config.js';
import { ExpectedFailure } from '../../domain/failure.js';
import type { Clock } from '../../ports/process/clock.js';
import type { ConsoleOutput } from '../console-output.js';
import { machineChecks } from './check-machine.js';
import { type CheckTools, checksOfConfig, machineFacts } from './checks-of-config.js';
import { type Check, type Finding, fail } from './finding.js';

/** Opening an embedded database for the first time takes some seconds, hashing a model of gigabytes as well. */
const CHECK_LIMIT_MS = 30_000;

const MARKS = { ok: '✓', warn: '!', fail: '✗' } as const;

export interface CheckResult {
  readonly name: string;
  readonly findings: readonly Finding[];
}

export interface DoctorOptions extends CheckTools {
  readonly output: ConsoleOutput;
  readonly signal: AbortSignal;
}

/**
 * `parley doctor`: looks at everything and says how to mend what is wrong.
 *
 * @param config - or why it cannot be used: what needs none is looked at all the same
 * @returns whether nothing failed; warnings do not count
 */
export async function doctor(config: ParleyConfig | Error, options: DoctorOptions): Promise<boolean> {
  const { clock, output, signal } = options;
  const checks =
    config instanceof Error
      ? [brokenConfiguration(config), ...machineChecks(() => machineFacts(process.cwd()), [])]
      : checksOfConfig(config, options);
  const all: Finding[] = [];
  for await (const { name, findings } of runChecks(checks, { clock, limitMs: CHECK_LIMIT_MS, signal })) {
    for (const line of findings.flatMap((finding) => describe(name, finding))) output.out(line);
    all.push(...findings);
  }
  output.out('');
  output.out(summary(all));
  return all.every(({ state }) => state !== 'fail');
}

function brokenConfiguration(error: Error): Check {
  const mend = 'Mend what the lines say; what depends on it was not looked at.';
  return { name: 'Configuration', run: async () => [fail(error.message, mend)] };
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

function describe(name: string, { mend, state, text }: Finding): readonly string[] {
  return [`${MARKS[state]} ${name}: ${text}`, ...(mend === undefined ? [] : [`    → ${mend}`])];
}

function summary(findings: readonly Finding[]): string {
  const count = (state: Finding['state']) => findings.filter((finding) => finding.state === state).length;
  return `${count('ok')} right, ${count('warn')} to look at, ${count('fail')} wrong`;
}
