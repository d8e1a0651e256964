import { benchAcceptanceOn } from '../acceptance.js';
import type { BenchRow } from '../bench-row.js';
import { freshBackend, withStops } from './backend.js';

/** Messages a gateway takes in a second, beside the bare insert and enqueue on the same backend. */
export async function benchMessageRate(): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const [name, place] of [
    ['embedded', 'embedded database'],
    ['servers', 'PostgreSQL and Redis'],
  ] as const) {
    const measured = await withStops(async (stops) =>
      benchAcceptanceOn((await freshBackend(name, stops)).config, place),
    );
    rows.push(...measured.map((row) => ({ ...row, name: `${row.name}, ${place}` })));
  }
  return rows;
}
