import type { KnownFiles } from '../catalog/known-files.js';
import type { ModelCatalog, ResolvedModel, ResolveOptions } from '../catalog/model-catalog.js';
import type { ModelActivity } from './model-activity.js';

export interface FileWatchers {
  readonly catalog: Pick<ModelCatalog, 'resolve'>;
  readonly files: Pick<KnownFiles, 'getting'>;
  readonly activity: Pick<ModelActivity, 'transfer'>;
}

/**
 * The file of a local model, while all who watch are told how far getting it is.
 *
 * @throws as `ModelCatalog.resolve`
 */
export function getModelFile(
  alias: string,
  options: Omit<ResolveOptions, 'onProgress'>,
  { catalog, files, activity }: FileWatchers,
): Promise<ResolvedModel> {
  return files.getting(alias, (note) =>
    activity.transfer(alias, (tell) =>
      catalog.resolve(alias, {
        ...options,
        onProgress: (progress) => {
          note(progress);
          tell(progress);
        },
      }),
    ),
  );
}
