import type { DownloadProgress, OnProgress } from '../download/download-progress.js';
import type { CatalogItem } from './model-catalog.js';

/** What is known of one model's file. */
export interface KnownFile {
  /** Of the file that is here, or as its source states it. */
  readonly sizeBytes?: number;
  /** 0 to 1 while it is got or checked, where its length is known. */
  readonly progress?: number;
}

export type FileChange = 'came' | 'gone';

/** What this process knows of the files of local models, from looks at the disk and from getting them since. */
export class KnownFiles {
  readonly #onChange: (alias: string, change: FileChange) => void;
  readonly #sizes = new Map<string, number>();
  readonly #absent = new Set<string>();
  readonly #progress = new Map<string, number>();
  /** How often each is being got now. */
  readonly #getting = new Map<string, number>();
  /** Counts what this process itself got and deleted. */
  #changes = 0;

  /** @param onChange - told after a file came, or was found whole, or went. Default: nobody is. */
  constructor(
    items: readonly CatalogItem[],
    onChange: (alias: string, change: FileChange) => void = () => {},
  ) {
    this.#onChange = onChange;
    for (const { alias, bytes, state } of items) {
      if (bytes !== null) this.#sizes.set(alias, bytes);
      if (state === 'not-downloaded') this.#absent.add(alias);
    }
  }

  isAbsent(alias: string): boolean {
    return this.#absent.has(alias);
  }

  of(alias: string): KnownFile {
    const [sizeBytes, progress] = [this.#sizes.get(alias), this.#progress.get(alias)];
    return {
      ...(sizeBytes !== undefined && { sizeBytes }),
      ...(progress !== undefined && { progress }),
    };
  }

  /**
   * Follows the getting of a model's file to its end.
   *
   * @throws what `get` throws
   */
  async getting<File extends { readonly bytes: number }>(
    alias: string,
    get: (onProgress: OnProgress) => Promise<File>,
  ): Promise<File> {
    this.#getting.set(alias, (this.#getting.get(alias) ?? 0) + 1);
    try {
      const file = await get((progress) => this.#note(alias, progress));
      this.#absent.delete(alias);
      this.#sizes.set(alias, file.bytes);
      this.#changed(alias, 'came');
      return file;
    } finally {
      this.#progress.delete(alias);
      this.#getting.set(alias, (this.#getting.get(alias) ?? 1) - 1);
    }
  }

  /** A model's file was deleted: what was known of its length stays. */
  gone(alias: string): void {
    this.#absent.add(alias);
    this.#changed(alias, 'gone');
  }

  /** Sees what came and went by other hands: a command, or somebody who puts a file there. */
  async look(list: () => Promise<readonly CatalogItem[]>): Promise<readonly CatalogItem[]> {
    const changes = this.#changes;
    const items = await list();
    // What this process did meanwhile may have come too late for the list.
    if (changes === this.#changes) for (const item of items) this.#see(item);
    return items;
  }

  #see({ alias, state, bytes }: CatalogItem): void {
    // Not whole yet, or not known to be.
    if (state === 'hosted' || (this.#getting.get(alias) ?? 0) > 0) return;
    const absent = state === 'not-downloaded';
    if (absent === this.#absent.has(alias)) return;
    if (absent) {
      this.gone(alias);
      return;
    }
    this.#absent.delete(alias);
    if (bytes !== null) this.#sizes.set(alias, bytes);
    this.#changed(alias, 'came');
  }

  #changed(alias: string, change: FileChange): void {
    this.#changes++;
    this.#onChange(alias, change);
  }

  #note(alias: string, { bytes, totalBytes }: DownloadProgress): void {
    if (totalBytes === null || totalBytes === 0) this.#progress.delete(alias);
    else this.#progress.set(alias, Math.min(1, bytes / totalBytes));
    if (totalBytes !== null && !this.#sizes.has(alias)) this.#sizes.set(alias, totalBytes);
  }
}
