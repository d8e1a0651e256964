/** One measured figure, beside what it is compared with. */
export interface BenchRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What was measured, in words. */
  readonly note?: string;
  readonly target?: { readonly atLeast: number } | { readonly atMost: number };
}

export function meetsTarget(row: BenchRow): boolean {
  if (row.target === undefined) return true;
  return 'atLeast' in row.target ? row.value >= row.target.atLeast : row.value <= row.target.atMost;
}

/** A Markdown table of rows. */
export function formatRows(rows: readonly BenchRow[]): string {
  const lines = rows.map((row) => {
    const target =
      row.target === undefined
        ? ''
        : 'atLeast' in row.target
          ? `≥ ${row.target.atLeast}`
          : `≤ ${row.target.atMost}`;
    const verdict = row.target === undefined ? '' : meetsTarget(row) ? 'met' : 'missed';
    return `| ${row.name} | ${round(row.value)} ${row.unit} | ${target} | ${verdict} | ${row.note ?? ''} |`;
  });
  return ['| measure | value | target | | note |', '|---|---|---|---|---|', ...lines].join('\n');
}

/** The middle value; of an even count, the lower of the two. NaN for none. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** @param share - 0 to 1 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

function round(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2);
}
