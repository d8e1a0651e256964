import type { DownloadProgress, OnProgress } from '../download/download-progress.js';
import type { CatalogItem } from './model-catalog.js';

/** What is known of one model's file. */
export interface KnownFile {
  /** Of the file that is here, or as its source states it. */
  readonly sizeBytes?: number;
  /** 0 to 1 while it is got or checked, where its length is known. */
  readonly progress?: number;
}

/** What this process knows of the files of local models, from a look at the disk and from getting them since. */
export class KnownFiles {
  readonly #sizes = new Map<string, number>();
  readonly #absent = new Set<string>();
  readonly #progress = new Map<string, number>();

  constructor(items: readonly CatalogItem[]) {
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
    try {
      const file = await get((progress) => this.#note(alias, progress));
      this.#absent.delete(alias);
      this.#sizes.set(alias, file.bytes);
      return file;
    } finally {
      this.#progress.delete(alias);
    }
  }

  /** A model's file was deleted: what was known of its length stays. */
  gone(alias: string): void {
    this.#absent.add(alias);
  }

  #note(alias: string, { bytes, totalBytes }: DownloadProgress): void {
    if (totalBytes === null || totalBytes === 0) this.#progress.delete(alias);
    else this.#progress.set(alias, Math.min(1, bytes / totalBytes));
    if (totalBytes !== null && !this.#sizes.has(alias)) this.#sizes.set(alias, totalBytes);
  }
}
