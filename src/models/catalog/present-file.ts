import { stat } from 'node:fs/promises';
import type { LocalModelEntry } from '../../domain/models/model-entry.js';
import { knownBytes, sourceFile } from './source-file.js';

export interface PresentFile {
  readonly path: string;
  readonly bytes: number;
  /** `downloaded`: Parley got it into its own folder. `given`: the operator named it. */
  readonly from: 'downloaded' | 'given';
}

/** The first of an entry's files that is on this machine, not verified. */
export async function presentFile(folder: string, entry: LocalModelEntry): Promise<PresentFile | null> {
  for (const source of entry.sources) {
    const file = sourceFile(folder, source);
    const bytes = await sizeOf(file);
    if (bytes !== null) return { path: file, bytes, from: source.type === 'file' ? 'given' : 'downloaded' };
  }
  return null;
}

/** What the catalog states of a model that is not here; null where it states nothing. */
export function bytesOf(entry: LocalModelEntry): number | null {
  return entry.sources.map(knownBytes).find((bytes) => bytes !== null) ?? null;
}

/** Length in bytes; null where there is no such file. */
export async function sizeOf(file: string): Promise<number | null> {
  const found = await stat(file).catch(() => null);
  return found?.isFile() === true ? found.size : null;
}
