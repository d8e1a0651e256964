import type { ModelReport, WorkerReport } from '../domain/models/model-report.js';
import type { ProcessReports } from '../ports/fleet/process-reports.js';
import type { ModelRouter, ModelSummary } from '../ports/models/model-router.js';
import type { Log } from '../ports/process/log.js';

export interface FleetModelsDeps {
  /** What this process knows by itself: which models there are, and whether any worker serves them. */
  readonly directory: Pick<ModelRouter, 'models'>;
  readonly workers: Pick<ProcessReports<WorkerReport>, 'all'>;
  readonly log: Log;
}

/** Reads the models as workers have them. Where those cannot be heard, what they said last holds. */
export function fleetModels({
  directory,
  workers,
  log,
}: FleetModelsDeps): () => Promise<readonly ModelSummary[]> {
  let said: readonly ModelReport[] = [];
  return async () => {
    try {
      said = [...(await workers.all()).values()].flatMap(({ models }) => models);
    } catch (err) {
      log.warn({ err }, 'how workers have their models is not known now');
    }
    return directory.models().map((model) =>
      asWorkersHaveIt(
        model,
        said.filter(({ alias }) => alias === model.alias),
      ),
    );
  };
}

/** One model of a fleet. @param reports - what each worker says of it */
export function asWorkersHaveIt(model: ModelSummary, reports: readonly ModelReport[]): ModelSummary {
  if (model.runs === 'hosted') return model;
  const served = model.state === 'unavailable' ? [] : reports.filter((report) => report.served);
  const size = reports.find(({ file }) => file !== null)?.sizeBytes ?? model.sizeBytes;
  // Machines differ in memory: every worker that answers has the smallest.
  const windows = served.flatMap(({ contextWindow }) => contextWindow ?? []);
  return {
    ...model,
    ...(windows.length > 0 && { contextWindow: Math.min(...windows) }),
    ...(size !== undefined && { sizeBytes: size }),
    ...standing(model, served, reports),
  };
}

/** What is furthest on the way to an answer counts: a question may go to any worker that serves the model. */
function standing(
  { state }: ModelSummary,
  served: readonly ModelReport[],
  all: readonly ModelReport[],
): Partial<Pick<ModelSummary, 'state' | 'progress' | 'loaded'>> {
  // Whoever serves it has not said yet how it is there.
  if (all.length === 0 || (state !== 'unavailable' && served.length === 0)) return {};
  if (served.some((report) => report.state === 'loaded')) return { state: 'ready', loaded: true };
  const loading = served.filter((report) => report.state === 'loading');
  if (loading.length > 0) return { state: 'loading', loaded: false, ...furthest(loading) };
  if (served.some((report) => report.file !== null && report.state !== 'pulling'))
    return { state: 'ready', loaded: false };
  const pulling = all.filter((report) => report.state === 'pulling');
  if (pulling.length > 0) return { state: 'not-downloaded', loaded: false, ...furthest(pulling) };
  return { state: served.length > 0 ? 'not-downloaded' : state, loaded: false };
}

function furthest(reports: readonly ModelReport[]): Pick<ModelSummary, 'progress'> {
  const known = reports.flatMap(({ progress }) => progress ?? []);
  return known.length === 0 ? {} : { progress: Math.max(...known) };
}
