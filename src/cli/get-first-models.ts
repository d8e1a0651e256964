import { isFleet } from '../compose/fleet.js';
import { ExpectedFailure } from '../domain/failure.js';
import type { ModelCatalog } from '../models/catalog/model-catalog.js';
import type { RunOptions } from './run-options.js';

/**
 * Gets the files of the models that are asked first, with progress on the terminal: the default one, or those that this
 * worker of a fleet is to serve.
 *
 * @returns aliases that no source gave, which is logged with what to do: the rest runs all the same
 */
export async function getFirstModels(
  catalog: ModelCatalog,
  options: Pick<RunOptions, 'config' | 'log' | 'progress' | 'signal'>,
): Promise<ReadonlySet<string>> {
  const { config, log, progress, signal } = options;
  const { defaultModel, downloads, worker } = config;
  const missing = new Set<string>();
  for (const name of (isFleet(config) ? worker.models : null) ?? [defaultModel]) {
    const { alias, runs } = await catalog.entry(name);
    if (runs === 'hosted') continue;
    try {
      const onProgress = progress.forModel(alias);
      await catalog.resolve(alias, { allowDownload: downloads.allowed, signal, onProgress });
    } catch (error) {
      if (!(error instanceof ExpectedFailure)) throw error;
      log.warn({ model: alias, kind: error.kind }, error.message);
      missing.add(alias);
    }
  }
  progress.stop();
  return missing;
}
