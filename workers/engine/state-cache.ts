import { createHash } from 'node:crypto';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { LlamaContextSequence } from 'node-llama-cpp';
import { DAY_MS } from '../../src/domain/time/duration.js';
import { makeFolder } from '../../src/process/make-folder.js';

/** Shorter ones are quicker to evaluate than to find. */
const FEWEST_TOKENS = 64;
/** What a disk gives at least; an evaluation must cost more than writing and reading at this rate. */
const DISK_BYTES_PER_MS = 200_000;
/** Ends the name of a file that is being saved. */
const UNFINISHED = '.tmp';
/** A conversation silent for longer is evaluated again: no trace of it stays for ever. */
const KEEP_MS = DAY_MS;

/** Whether to save `tokens` rather than evaluate them again. Rates are null until measured: then saving is the safe guess. */
export function worthSaving(
  tokens: number,
  tokensPerMs: number | null,
  bytesPerToken: number | null,
): boolean {
  if (tokens < FEWEST_TOKENS) return false;
  if (tokensPerMs === null || bytesPerToken === null) return true;
  return tokens / tokensPerMs > (2 * tokens * bytesPerToken) / DISK_BYTES_PER_MS;
}

type SavedSequence = Pick<LlamaContextSequence, 'nextTokenIndex' | 'saveStateToFile'>;

/**
 * Evaluated conversations that lost their slot, as files of one model and one way to run it.
 *
 * Only a cache: whatever fails here is evaluated again. A restored conversation leaves the disk.
 */
export class StateCache {
  readonly #folder: string;
  readonly #root: string;
  readonly #maxBytes: number;
  readonly #now: () => number;
  #bytesPerToken: number | null = null;
  /** Saves under way. One whose conversation is forgotten meanwhile is thrown away. */
  readonly #saves = new Map<string, { forgotten: boolean; readonly done: Promise<boolean> }>();

  /**
   * @param root - shared by all models; `maxBytes` bounds it as a whole
   * @param modelKey - differs wherever a state of one would be wrong for the other: weights, context, library
   */
  constructor(root: string, modelKey: string, maxBytes: number, now: () => number = Date.now) {
    this.#root = root;
    this.#folder = path.join(root, digest(modelKey));
    this.#maxBytes = maxBytes;
    this.#now = now;
  }

  async open(): Promise<void> {
    await makeFolder(this.#folder);
    await this.#removeUnfinished();
    await this.#prune();
  }

  get bytesPerToken(): number | null {
    return this.#bytesPerToken;
  }

  /** @returns false where it could not be written */
  async save(cacheKey: string, sequence: SavedSequence): Promise<boolean> {
    const save = { forgotten: false, done: Promise.resolve(false) };
    save.done = this.#write(cacheKey, sequence, () => save.forgotten);
    this.#saves.set(cacheKey, save);
    try {
      return await save.done;
    } finally {
      this.#saves.delete(cacheKey);
    }
  }

  async #write(cacheKey: string, sequence: SavedSequence, forgotten: () => boolean): Promise<boolean> {
    const file = this.#file(cacheKey);
    const unfinished = `${file}${UNFINISHED}`;
    const tokens = sequence.nextTokenIndex;
    try {
      const { fileSize } = await sequence.saveStateToFile(unfinished);
      if (forgotten()) throw new Error('forgotten while it was saved');
      await rename(unfinished, file);
      this.#bytesPerToken = fileSize / Math.max(1, tokens);
      await this.#prune();
      return true;
    } catch {
      await rm(unfinished, { force: true }).catch(() => undefined);
      return false;
    }
  }

  /** Loads a conversation into `sequence`. What a `broken` one leaves there must not be used. */
  async restore(cacheKey: string, sequence: LlamaContextSequence): Promise<'restored' | 'none' | 'broken'> {
    const file = this.#file(cacheKey);
    if ((await sizeOf(file)) === null) return 'none';
    try {
      await sequence.loadStateFromFile(file, { acceptRisk: true });
      return 'restored';
    } catch {
      return 'broken';
    } finally {
      await this.forget(cacheKey);
    }
  }

  /** Removes a conversation; one that is being saved is gone when that has ended. */
  async forget(cacheKey: string): Promise<void> {
    const save = this.#saves.get(cacheKey);
    if (save) {
      save.forgotten = true;
      await save.done;
    }
    await rm(this.#file(cacheKey), { force: true }).catch(() => undefined);
  }

  #file(cacheKey: string): string {
    return path.join(this.#folder, `${digest(cacheKey)}.state`);
  }

  /** What a killed process left half saved would otherwise hold a conversation for ever. */
  async #removeUnfinished(): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    for (const name of names.filter((name) => name.endsWith(UNFINISHED))) {
      await rm(path.join(this.#folder, name), { force: true }).catch(() => undefined);
    }
  }

  /** Removes what is too old, then the oldest until the rest fits. */
  async #prune(): Promise<void> {
    const files = await this.#files();
    files.sort((a, b) => b.savedAt - a.savedAt);
    let bytes = 0;
    for (const file of files) {
      bytes += file.bytes;
      if (bytes > this.#maxBytes || this.#now() - file.savedAt > KEEP_MS) {
        await rm(file.path, { force: true }).catch(() => undefined);
        bytes -= file.bytes;
      }
    }
  }

  async #files(): Promise<{ path: string; bytes: number; savedAt: number }[]> {
    const names = await readdir(this.#root, { recursive: true }).catch(() => []);
    const files = [];
    for (const name of names.filter((name) => name.endsWith('.state'))) {
      const file = path.join(this.#root, name);
      const found = await stat(file).catch(() => null);
      if (found !== null) files.push({ path: file, bytes: found.size, savedAt: found.mtimeMs });
    }
    return files;
  }
}

/** Removes a conversation's state of every model below `root`, whether its engine runs or not. */
export async function forgetStates(root: string, cacheKey: string): Promise<void> {
  const name = `${digest(cacheKey)}.state`;
  for (const model of await readdir(root).catch(() => [])) {
    await rm(path.join(root, model, name), { force: true });
    await rm(path.join(root, model, name + UNFINISHED), { force: true });
  }
}

async function sizeOf(file: string): Promise<number | null> {
  const found = await stat(file).catch(() => null);
  return found?.size ?? null;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
