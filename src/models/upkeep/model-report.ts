import type { ModelEntry } from '../../domain/models/model-entry.js';
import type { ModelReport, ModelState } from '../../domain/models/model-report.js';
import type { CatalogItem } from '../catalog/model-catalog.js';
import type { DownloadProgress } from '../download/download-progress.js';
import type { LocalEngine } from './local-engine.js';
import type { Activity } from './model-activity.js';

export interface ReportedModel {
  readonly item: CatalogItem;
  readonly entry: Pick<ModelEntry, 'contextSize'>;
  readonly engine: Pick<LocalEngine, 'state' | 'info' | 'loadProgress' | 'uses'>;
  readonly activity: Activity;
  readonly served: boolean;
}

/** One model as this process has it now. */
export function modelReport({ item, entry, engine, activity, served }: ReportedModel): ModelReport {
  const { alias, description, runs, bytes, file } = item;
  const local = runs === 'local';
  const state = local ? stateOf(item, engine.state(alias), activity) : 'hosted';
  return {
    alias,
    description,
    runs,
    state,
    sizeBytes: bytes,
    contextWindow: (local ? engine.info(alias)?.contextSize : null) ?? entry.contextSize,
    progress: progressOf(state, activity, local ? engine.loadProgress(alias) : null),
    doing: activity.doing,
    uses: local ? engine.uses(alias) : 0,
    file,
    served,
    problem: activity.problem,
    checked: activity.checked,
  };
}

function stateOf(
  { file }: CatalogItem,
  engine: ReturnType<LocalEngine['state']>,
  { doing, transfer, failed }: Activity,
): ModelState {
  if (engine === 'ready') return 'loaded';
  if (transfer !== null || doing === 'pull') return 'pulling';
  if (engine === 'loading') return 'loading';
  if (failed) return 'failed';
  return file === null ? 'missing' : 'on-disk';
}

function progressOf(state: ModelState, { transfer, reading }: Activity, loaded: number | null) {
  if (state === 'pulling') return transfer === null ? null : shareOf(transfer);
  return state === 'loading' ? loaded : reading;
}

/** Once all has come it is read: nearly done, and no bar that starts again. */
function shareOf({ phase, bytes, totalBytes }: DownloadProgress): number | null {
  if (phase === 'verifying') return 1;
  if (phase === 'waiting' || totalBytes === null) return null;
  return Math.min(1, bytes / Math.max(1, totalBytes));
}
