import type { ChaosResult } from './chaos-run.js';

/** Counts that must be zero, whatever dies. */
const MUST_BE_ZERO = ['lost', 'doubled', 'outOfOrder', 'unequal', 'failed', 'lateStops'] as const;

export function isClean(result: ChaosResult): boolean {
  return MUST_BE_ZERO.every((name) => result[name] === 0);
}

type Row = readonly [string, (result: ChaosResult) => string];

/** A Markdown table with one column for each run. */
export function formatResults(results: readonly ChaosResult[]): string {
  const rows: readonly Row[] = [
    ['sent', ({ sent }) => String(sent)],
    ['answered once, text equal to the stored reply', ({ answeredOnce }) => String(answeredOnce)],
    ['lost', ({ lost }) => String(lost)],
    ['doubled', ({ doubled }) => String(doubled)],
    ['out of order', ({ outOfOrder }) => String(outOfOrder)],
    ['text unequal', ({ unequal }) => String(unequal)],
    ['ended in a notice of failure', ({ failed }) => String(failed)],
    ['written while no gateway listened, not answered', ({ missed }) => String(missed)],
    ...recoveryRows('recovery of a reply whose process was killed', true),
    ...recoveryRows('the same, while something else was away', false),
    ['429s caused', ({ limited }) => String(limited)],
    ['faults, without those of single requests', ({ faults }) => String(faults)],
    ['processes killed', ({ kills }) => String(kills)],
    ['processes that did not stop in time', ({ lateStops }) => String(lateStops)],
    ['processes that ended by themselves', ({ ownEnds }) => String(ownEnds)],
    ['requests to the model', ({ modelRequests }) => String(modelRequests)],
    ['took', ({ tookMs }) => seconds(tookMs)],
  ];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(['', ...results.map(({ mode }) => mode)]),
    line(['---', ...results.map(() => '---:')]),
    ...rows.map(([name, read]) => line([name, ...results.map(read)])),
  ].join('\n');
}

function recoveryRows(what: string, whichAlone: boolean): Row[] {
  const of = ({ recoveries }: ChaosResult) =>
    recoveries.filter(({ alone }) => alone === whichAlone).map(({ ms }) => ms);
  return [
    [`${what}, p50`, (result) => seconds(quantile(of(result), 0.5))],
    ['… max', (result) => seconds(quantile(of(result), 1))],
    ['… replies', (result) => String(of(result).length)],
  ];
}

/** Of values where null is later than all others; null where there is none. */
function quantile(values: readonly (number | null)[], share: number): number | null {
  const sorted = values.map((value) => value ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null;
}

function seconds(ms: number | null): string {
  if (ms === null) return '–';
  return Number.isFinite(ms) ? `${(ms / 1000).toFixed(1)} s` : 'never';
}
