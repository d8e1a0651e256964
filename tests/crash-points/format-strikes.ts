import type { Strike } from './crash-lane.js';
import { redisScriptNames } from './redis-scripts.js';
import type { StrikeResult } from './strike-everywhere.js';

/** A line for each step at which a process was ended, and the counts that must be zero. */
export async function formatStrikes({ verdicts, ways, kept }: StrikeResult): Promise<string> {
  const scripts = await redisScriptNames();
  const rows = verdicts.flatMap(({ platform, verdict }) =>
    verdict.strikes.map((strike) => {
      const { label, occurrence, after } = strike.step;
      const step = `${after === null ? '' : `${after}, `}${label}${occurrence === 1 ? '' : ` (${occurrence})`}`;
      return `${platform.padEnd(8)} ${outcomeOf(strike).padEnd(13)} ${step}`;
    }),
  );
  const totals = verdicts.map(({ platform, verdict }) => {
    const { sent, answeredOnce, lost, doubled, outOfOrder, unequal, failed, missed } = verdict;
    const counts = { sent, answeredOnce, lost, doubled, outOfOrder, unequal, failed, missed };
    return `${platform}: ${Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')}`;
  });
  const lengths = ways.map(({ platform, steps }) => {
    const labels = new Set(steps.map(({ label }) => label));
    return `${platform}: a way of ${steps.length} steps, ${labels.size} labels`;
  });
  const named = (row: string) =>
    row.replace(/EVALSHA ([0-9a-f]{40})/g, (whole, hash) => scripts.get(hash) ?? whole);
  return [...rows.map(named), ...lengths, ...totals, ...kept.map((folder) => `kept: ${folder}`)].join('\n');
}

function outcomeOf({ reached, recoveredMs }: Strike): string {
  if (!reached) return 'did not come';
  return recoveredMs === null ? 'NOT ANSWERED' : `${(recoveredMs / 1000).toFixed(1)} s`;
}
