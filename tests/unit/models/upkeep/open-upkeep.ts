import { rm } from 'node:fs/promises';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { HostedModelEntry } from '../../../../src/domain/models/model-entry.js';
import type { ModelReport } from '../../../../src/domain/models/model-report.js';
import { KnownFiles } from '../../../../src/models/catalog/known-files.js';
import { getModelFile } from '../../../../src/models/upkeep/get-model-file.js';
import { ModelActivity } from '../../../../src/models/upkeep/model-activity.js';
import { ModelUpkeep } from '../../../../src/models/upkeep/model-upkeep.js';
import { compiledEntry } from '../../../../src/process/compiled-entry.js';
import { systemClock } from '../../../../src/process/system-clock.js';
import { LlamaCppProvider } from '../../../../workers/providers/llama-cpp/llama-cpp-provider.js';
import { sha256 } from '../../../doubles/model-hub/model-hub.js';
import { local, openCatalog } from '../catalog/open-catalog.js';

/**
 * `big` is to be had from a hub, and `twin` where it is asked for; `mine` lies on the operator's disk, `house` is hosted.
 * Real engines run them.
 */
export async function openUpkeep(different: { downloadsAllowed?: boolean; twin?: boolean } = {}) {
  const opened = await openCatalog();
  const { hub, folder, model, log } = opened;
  hub.put('big.gguf', model);
  const url = `${hub.storageUrl}/big.gguf`;
  const big = { type: 'url', url, sha256: sha256(model), bytes: model.length } as const;
  const hosted: HostedModelEntry = {
    ...{ alias: 'house', model: 'fox', description: 'At home.' },
    runs: 'hosted',
    api: 'openai',
    ...{ baseUrl: null, apiKey: null, provider: null, concurrency: 1, limits: {}, contextSize: 8192 },
    ...{ sampling: {}, fallback: [], beginsInReasoning: null },
  };
  const catalog = opened.catalogOf([
    local('big', big),
    ...(different.twin === true ? [local('twin', big)] : []),
    local('mine', { type: 'file', path: path.join(folder, 'scripted.gguf') }),
    hosted,
  ]);
  const activity = new ModelActivity();
  const files = new KnownFiles(await catalog.list());
  const engine = new LlamaCppProvider({
    findModel: async (alias, signal) => {
      const found = await getModelFile(alias, { allowDownload: false, signal }, { catalog, files, activity });
      return { path: found.path, gpu: 'off', threads: 1, contextSize: 512, slots: 1 };
    },
    onLoaded: (alias, problem) => activity.loaded(alias, problem),
    engineEntry: compiledEntry('workers/engine/main'),
    clock: systemClock,
    log,
  });
  const upkeep = new ModelUpkeep({
    ...{ catalog, engine, activity, files, log, clock: systemClock },
    serves: new Set(['big', 'house']),
    downloadsAllowed: different.downloadsAllowed ?? true,
  });
  onTestFinished(async () => {
    await upkeep.stop();
    await engine.stop();
    await opened.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const of = async (alias: string): Promise<ModelReport> => {
    const found = (await upkeep.report()).find((each) => each.alias === alias);
    if (!found) throw new Error(`no ${alias}`);
    return found;
  };
  return { ...opened, catalog, activity, engine, upkeep, files, of };
}
