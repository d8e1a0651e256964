import { UNASKED_DOWNLOAD_BYTES } from './choose-largest.js';
import type { CatalogItem, ModelCatalog } from './model-catalog.js';

/** What the models of one worker are chosen by. */
export interface ServingChoice {
  /** The alias that answers by default; may be `auto`. */
  readonly defaultModel: string;
  /** What the operator lists for this worker; null: whatever can run here. */
  readonly listed: readonly string[] | null;
  readonly downloadsAllowed: boolean;
  /** Local models whose files could not be had. */
  readonly missing: ReadonlySet<string>;
}

export interface ServedModels {
  /** `auto` among them where its model is. */
  readonly aliases: ReadonlySet<string>;
  /** What `auto` stands for here, and what is loaded first; never `auto`. */
  readonly first: string;
}

/** The models that a worker on this machine serves. */
export async function servedModels(
  catalog: Pick<ModelCatalog, 'list' | 'entry'>,
  choice: ServingChoice,
): Promise<ServedModels> {
  const { defaultModel, listed, missing } = choice;
  const chosen = (await catalog.entry(defaultModel)).alias;
  const named =
    listed === null
      ? (await catalog.list()).filter((item) => mayRun(item, chosen, choice)).map(({ alias }) => alias)
      : await Promise.all(listed.map(async (alias) => (await catalog.entry(alias)).alias));
  const aliases = new Set(named.filter((alias) => !missing.has(alias)));
  // Listed models leave `auto` no other to stand for.
  const standsIn = defaultModel === 'auto' ? aliases.values().next().value : undefined;
  const first = aliases.has(chosen) ? chosen : standsIn;
  if (first !== undefined) aliases.add('auto');
  return { aliases, first: first ?? named[0] ?? chosen };
}

function mayRun({ alias, state, bytes }: CatalogItem, chosen: string, { downloadsAllowed }: ServingChoice) {
  if (state !== 'not-downloaded') return true;
  const little = (bytes ?? Number.POSITIVE_INFINITY) <= UNASKED_DOWNLOAD_BYTES;
  return downloadsAllowed && (alias === chosen || little);
}
