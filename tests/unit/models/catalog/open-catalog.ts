import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { LocalModelEntry, ModelEntry, ModelSource } from '../../../../src/domain/model-entry.js';
import { type CatalogOptions, ModelCatalog } from '../../../../src/models/catalog/model-catalog.js';
import { usualPythons } from '../../../../src/models/download/python-package.js';
import { systemClock } from '../../../../src/process/system-clock.js';
import { writeScriptedModel } from '../../../doubles/gguf/models.js';
import { ModelHub } from '../../../doubles/model-hub/model-hub.js';
import { RecordedLog } from '../../../doubles/recorders/recorded-log.js';

export const never = new AbortController().signal;
export const yes = { allowDownload: true, signal: never };
export const no = { allowDownload: false, signal: never };

export const DEFAULTS = { gpu: 'auto', threads: null, slots: null, contextSize: null } as const;

/** An entry that is tried at `sources` and says nothing else. */
export function local(alias: string, ...sources: ModelSource[]): LocalModelEntry {
  const rest = { description: '', sampling: {}, fallback: [], lora: [], beginsInReasoning: null };
  return { runs: 'local', alias, sources, ...rest, ...DEFAULTS };
}

export interface OpenCatalog {
  readonly hub: ModelHub;
  /** Holds `scripted.gguf`, and what the catalog gets in `models`. */
  readonly folder: string;
  /** The bytes of `scripted.gguf`. */
  readonly model: Buffer;
  readonly log: RecordedLog;
  catalogOf(entries: readonly ModelEntry[], changes?: Partial<CatalogOptions>): ModelCatalog;
  stop(): Promise<void>;
}

/** A hub, a folder and a small whole model for catalogs on them. */
export async function openCatalog(): Promise<OpenCatalog> {
  const hub = await ModelHub.start();
  const folder = await mkdtemp(path.join(os.tmpdir(), 'catalog-'));
  const log = new RecordedLog();
  const file = path.join(folder, 'scripted.gguf');
  writeScriptedModel(file, { reply: 'Hello.' });
  return {
    hub,
    folder,
    model: await readFile(file),
    log,
    catalogOf: (entries, changes = {}) =>
      new ModelCatalog({
        folder: path.join(folder, 'models'),
        entries: new Map(entries.map((entry) => [entry.alias, entry])),
        hubUrl: hub.url,
        hubToken: null,
        pythons: usualPythons(process.platform),
        env: process.env,
        memoryBytes: 16e9,
        freeBytes: async () => 1e12,
        limits: { connectMs: 2000, stallMs: 20_000, attempts: 2, backoffMs: 1 },
        clock: systemClock,
        log,
        ...changes,
      }),
    async stop() {
      await hub.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
