import { type EndpointLimits, endpointKey, type ModelEntry } from '../domain/models/model-entry.js';
import type { LimitsSection } from './config-file.js';
import type { ConfigProblem } from './config-problem.js';

/** Each setting with the limit it sets, and how many of the limit's units one of it is. */
const SETTINGS = [
  ['connectSeconds', 'connectMs', 1000],
  ['firstTokenSeconds', 'firstTokenMs', 1000],
  ['betweenTokensSeconds', 'betweenTokensMs', 1000],
  ['answerSeconds', 'totalMs', 1000],
  ['retries', 'retries', 1],
  ['breakerFailures', 'breakerFailures', 1],
  ['breakerRestSeconds', 'breakerRestMs', 1000],
] as const satisfies readonly (readonly [keyof LimitsSection, keyof EndpointLimits, number])[];

export function endpointLimits(section: LimitsSection = {}): Partial<EndpointLimits> {
  return Object.fromEntries(
    SETTINGS.flatMap(([setting, limit, factor]) => {
      const value = section[setting];
      return value === undefined ? [] : [[limit, Math.round(value * factor)]];
    }),
  );
}

/** Settings of one endpoint that two of its models contradict each other in: it has one patience. */
export function contradictions(
  entries: ReadonlyMap<string, ModelEntry>,
  place: (path: readonly PropertyKey[]) => string,
): ConfigProblem[] {
  const first = new Map<string, { readonly alias: string; readonly value: number }>();
  const problems: ConfigProblem[] = [];
  for (const [alias, entry] of entries) {
    if (entry.runs !== 'hosted') continue;
    for (const [setting, limit, factor] of SETTINGS) {
      const value = entry.limits[limit];
      if (value === undefined) continue;
      const key = `${endpointKey(entry)} ${limit}`;
      const other = first.get(key) ?? { alias, value };
      first.set(key, other);
      if (other.value === value) continue;
      problems.push({
        where: place(['models', alias, 'limits', setting]),
        wrong: `is ${value / factor}, and ${other.value / factor} for ${other.alias} at the same endpoint`,
        right: 'set it in one of the two',
      });
    }
  }
  return problems;
}
