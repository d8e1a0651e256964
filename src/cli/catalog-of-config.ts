import os from 'node:os';
import path from 'node:path';
import type { ParleyConfig } from '../config/parley-config.js';
import { catalogEntries } from '../models/catalog/catalog-entries.js';
import { ModelCatalog } from '../models/catalog/model-catalog.js';
import { freeBytesOf } from '../models/download/disk-space.js';
import { DOWNLOAD_LIMITS } from '../models/download/download-tools.js';
import { usualPythons } from '../models/download/python-package.js';
import type { Clock } from '../ports/process/clock.js';
import type { Log } from '../ports/process/log.js';

/** The catalog that a configuration describes. */
export function catalogOfConfig(
  config: ParleyConfig,
  { clock, log, env }: { clock: Clock; log: Log; env: NodeJS.ProcessEnv },
): ModelCatalog {
  const { downloads, huggingFace } = config;
  return new ModelCatalog({
    folder: path.join(config.dataDir, 'models'),
    entries: catalogEntries(config.models, config.engine),
    hubUrl: downloads.hubUrl,
    hubToken: huggingFace.token,
    pythons: downloads.python === null ? usualPythons(process.platform) : [downloads.python],
    env,
    memoryBytes: usableMemoryBytes(),
    freeBytes: freeBytesOf,
    limits: DOWNLOAD_LIMITS,
    clock,
    log,
  });
}

/** The machine's memory, or what a container leaves of it. */
export function usableMemoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(os.totalmem(), limit) : os.totalmem();
}
