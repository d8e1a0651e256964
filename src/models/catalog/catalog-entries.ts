import type { LocalModelEntry, ModelEntry } from '../../domain/models/model-entry.js';
import { BUILT_IN_MODELS } from './built-in-models.js';

/** Engine settings for the entries that say nothing of their own. */
export type EngineDefaults = Pick<LocalModelEntry, 'gpu' | 'threads' | 'slots' | 'contextSize'>;

/** Every entry by alias: the built-in ones, the operator's laid over them, and the operator's own. */
export function catalogEntries(
  own: ReadonlyMap<string, ModelEntry>,
  defaults: EngineDefaults,
): ReadonlyMap<string, ModelEntry> {
  const entries = new Map<string, ModelEntry>();
  for (const model of BUILT_IN_MODELS) {
    const { gpu, threads, slots, contextSize } = defaults;
    const plain = { ...model, gpu, threads, slots, contextSize: contextSize ?? model.contextSize };
    const over = own.get(model.alias);
    entries.set(model.alias, over === undefined ? plain : layOver(plain, over));
  }
  for (const [alias, entry] of own) if (!entries.has(alias)) entries.set(alias, entry);
  return entries;
}

/** What the operator said wins; sources and everything unsaid stay. A hosted entry takes the alias over. */
function layOver(model: LocalModelEntry, over: ModelEntry): ModelEntry {
  if (over.runs === 'hosted') return over;
  return {
    ...over,
    description: over.description === '' ? model.description : over.description,
    sources: over.sources.length > 0 ? over.sources : model.sources,
    ...(over.sources.length === 0 && model.license !== undefined && { license: model.license }),
    contextSize: over.contextSize ?? model.contextSize,
    sampling: over.sources.length > 0 ? over.sampling : { ...model.sampling, ...over.sampling },
    fallback: over.fallback.length > 0 ? over.fallback : model.fallback,
    beginsInReasoning: over.beginsInReasoning ?? model.beginsInReasoning,
  };
}
