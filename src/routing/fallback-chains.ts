import { ExpectedFailure } from '../domain/failure.js';

export interface FallbackEntry {
  readonly alias: string;
  /** Aliases to try after this one, in order. */
  readonly fallbacks?: readonly string[];
}

/**
 * For each alias, all that are tried for it: itself, then each fallback with the fallbacks of its own; none twice.
 *
 * @throws {ExpectedFailure} `setup` for an alias given twice, a fallback that is not there, or a cycle
 */
export function fallbackChains(entries: readonly FallbackEntry[]): ReadonlyMap<string, readonly string[]> {
  const byAlias = new Map<string, FallbackEntry>();
  for (const entry of entries) {
    if (byAlias.has(entry.alias))
      throw new ExpectedFailure('setup', `the model "${entry.alias}" is there twice`);
    byAlias.set(entry.alias, entry);
  }

  const chains = new Map<string, readonly string[]>();
  function chainOf(alias: string, path: readonly string[]): readonly string[] {
    if (path.includes(alias)) {
      const cycle = [...path.slice(path.indexOf(alias)), alias].join(' → ');
      throw new ExpectedFailure('setup', `the fallbacks of models go round in a circle: ${cycle}`);
    }
    const known = chains.get(alias);
    if (known) return known;
    const entry = byAlias.get(alias);
    if (!entry) {
      throw new ExpectedFailure('setup', `"${path.at(-1)}" falls back to "${alias}", which is no model here`);
    }
    const after = (entry.fallbacks ?? []).flatMap((next) => chainOf(next, [...path, alias]));
    const chain = [...new Set([alias, ...after])];
    chains.set(alias, chain);
    return chain;
  }
  for (const { alias } of entries) chainOf(alias, []);
  return chains;
}
