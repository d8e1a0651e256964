import { rm } from 'node:fs/promises';
import path from 'node:path';
import { ExpectedFailure } from '../../domain/failure.js';
import type { LocalModelEntry, ModelEntry, ModelSource } from '../../domain/models/model-entry.js';
import type { Log } from '../../ports/process/log.js';
import { makeFolder } from '../../process/make-folder.js';
import type { OnProgress } from '../download/download-progress.js';
import { exclusively } from '../download/exclusively.js';
import { PartialFile } from '../download/partial-file.js';
import { BUILT_IN_MODELS } from './built-in-models.js';
import { type Candidate, chooseLargest } from './choose-largest.js';
import type { FetchOptions } from './fetch-source.js';
import { bytesOf, type PresentFile, presentFile, sizeOf } from './present-file.js';
import { SourceAttempts } from './source-attempts.js';
import { describeSource, knownBytes, sourceFile } from './source-file.js';
import { type ModelFile, VerifiedFiles } from './verified-files.js';

export interface CatalogOptions extends Omit<FetchOptions, 'signal' | 'onProgress'> {
  /** Holds the model files; made when the first one comes. */
  readonly folder: string;
  /** Every entry by alias, from `catalogEntries`. */
  readonly entries: ReadonlyMap<string, ModelEntry>;
  /** Memory that this process may use, in bytes. */
  readonly memoryBytes: number;
  readonly log: Log;
}

export interface ResolveOptions {
  /** False: only what is on this machine already. */
  readonly allowDownload: boolean;
  readonly signal: AbortSignal;
  readonly onProgress?: OnProgress;
}

/** A local model whose file is here and whole. */
export interface ResolvedModel extends ModelFile {
  /** Never `auto`: the alias that it stands for. */
  readonly alias: string;
  readonly entry: LocalModelEntry;
}

export interface CatalogItem {
  readonly alias: string;
  readonly description: string;
  readonly runs: 'local' | 'hosted';
  /** `hosted` has no file. */
  readonly state: 'present' | 'not-downloaded' | 'hosted';
  /** null where it is not known before it is here. */
  readonly bytes: number | null;
  readonly path: string | null;
  /** Whose file it is. */
  readonly file: PresentFile['from'] | null;
}

export type CheckedModel =
  | { readonly alias: string; readonly state: 'whole'; readonly file: ModelFile }
  | { readonly alias: string; readonly state: 'absent' | 'hosted' }
  | { readonly alias: string; readonly state: 'damaged'; readonly reason: string };

/** Knows which models there are, and gets their files onto this machine. */
export class ModelCatalog {
  readonly #options: CatalogOptions;
  readonly #verified: VerifiedFiles;

  constructor(options: CatalogOptions) {
    this.#options = options;
    this.#verified = new VerifiedFiles(path.join(options.folder, '.verified'));
  }

  /**
   * The entry of an alias; of `auto`, the one it stands for on this machine now.
   *
   * @throws {ExpectedFailure} `bad-input` where there is none, naming those there are
   */
  async entry(alias: string): Promise<ModelEntry> {
    const { entries } = this.#options;
    const entry = entries.get(alias === 'auto' ? await this.#largest() : alias);
    if (entry !== undefined) return entry;
    throw new ExpectedFailure(
      'bad-input',
      `There is no model called ${alias}; there are auto, ${[...entries.keys()].join(', ')}.`,
    );
  }

  /** Every alias but `auto`, built-in ones first. Reads no file. */
  async list(): Promise<readonly CatalogItem[]> {
    const items: CatalogItem[] = [];
    for (const entry of this.#options.entries.values()) {
      const { alias, description, runs } = entry;
      if (runs === 'hosted') {
        items.push({ alias, description, runs, state: 'hosted', bytes: null, path: null, file: null });
        continue;
      }
      const file = await presentFile(this.#options.folder, entry);
      items.push({
        alias,
        description,
        runs,
        state: file === null ? 'not-downloaded' : 'present',
        bytes: file?.bytes ?? bytesOf(entry),
        path: file?.path ?? null,
        file: file?.from ?? null,
      });
    }
    return items;
  }

  /**
   * The file of a local model: what is here, else from the first source that gives it.
   *
   * @throws {ExpectedFailure} `model-missing` or `setup`, whose message says in one sentence what to do;
   *   `bad-input` for an alias that does not exist or is hosted
   * @throws `signal.reason` on abort
   */
  async resolve(alias: string, options: ResolveOptions): Promise<ResolvedModel> {
    const entry = await this.entry(alias);
    if (entry.runs === 'hosted')
      throw new ExpectedFailure('bad-input', `${entry.alias} is hosted: it has no file on this machine.`);
    const attempts = new SourceAttempts(entry.alias, this.#options.log);
    for (const source of entry.sources) {
      const file = await attempts.try(source, () => this.#here(source, options));
      if (file !== null) return { ...file, alias: entry.alias, entry };
    }
    for (const source of options.allowDownload ? entry.sources : []) {
      if (source.type === 'file') continue;
      attempts.tell();
      const file = await attempts.try(source, () => this.#get(entry.alias, source, options));
      if (file !== null) return { ...file, alias: entry.alias, entry };
    }
    throw missing(entry, options.allowDownload, attempts.reasons);
  }

  /**
   * Reads the whole file of a model, whatever was found before.
   *
   * @throws {ExpectedFailure} `bad-input` for an alias that does not exist
   */
  async check(alias: string, signal: AbortSignal, onProgress: OnProgress = () => {}): Promise<CheckedModel> {
    const entry = await this.entry(alias);
    if (entry.runs === 'hosted') return { alias: entry.alias, state: 'hosted' };
    for (const source of entry.sources) {
      try {
        const file = await this.#here(source, { signal, onProgress }, true);
        if (file !== null) return { alias: entry.alias, state: 'whole', file };
      } catch (error) {
        if (!(error instanceof ExpectedFailure)) throw error;
        return { alias: entry.alias, state: 'damaged', reason: error.message };
      }
    }
    return { alias: entry.alias, state: 'absent' };
  }

  /**
   * Deletes what was downloaded for a model, half of it too. A file that the operator named stays.
   *
   * @throws {ExpectedFailure} `bad-input` for an alias that does not exist
   * @throws `signal.reason` on abort, while another process gets the file
   */
  async remove(alias: string, signal: AbortSignal): Promise<void> {
    const { clock, entries, folder } = this.#options;
    const entry = await this.entry(alias);
    if (entry.runs === 'hosted') return;
    const given = new Set(
      [...entries.values()]
        .flatMap((other) => (other.runs === 'local' ? other.sources : []))
        .flatMap((source) => (source.type === 'file' ? [path.resolve(source.path)] : [])),
    );
    const downloaded = entry.sources.filter(({ type }) => type !== 'file');
    await makeFolder(folder);
    for (const file of new Set(downloaded.map((source) => sourceFile(folder, source)))) {
      if (given.has(path.resolve(file))) continue;
      await exclusively(file, { clock, signal, onWaiting: () => {} }, async () => {
        await this.#verified.forget(file);
        await rm(file, { force: true });
        await new PartialFile(file).remove();
      });
    }
  }

  /** The file of a source if it is on this machine, verified. */
  async #here(
    source: ModelSource,
    { signal, onProgress }: Pick<ResolveOptions, 'signal' | 'onProgress'>,
    again = false,
  ): Promise<ModelFile | null> {
    const file = sourceFile(this.#options.folder, source);
    const totalBytes = await sizeOf(file);
    if (totalBytes === null) return null;
    return this.#verified.verify(file, source.sha256 ?? null, signal, {
      again,
      keep: source.type !== 'file',
      onBytes: (bytes) => onProgress?.({ phase: 'verifying', bytes, totalBytes }),
    });
  }

  /** Gets the file of a source, or finds that another process has got it meanwhile. */
  async #get(
    alias: string,
    source: Exclude<ModelSource, { type: 'file' }>,
    { signal, onProgress = () => {} }: ResolveOptions,
  ): Promise<ModelFile | null> {
    const { clock, folder, log } = this.#options;
    await makeFolder(folder);
    const destination = sourceFile(folder, source);
    const onWaiting = () => onProgress({ phase: 'waiting', bytes: 0, totalBytes: knownBytes(source) });
    return exclusively(destination, { clock, signal, onWaiting }, async (held) => {
      const options = { signal: held, onProgress };
      const found = await this.#here(source, options).catch((error: unknown) => {
        if (error instanceof ExpectedFailure) return null;
        throw error;
      });
      if (found !== null) return found;
      await this.#verified.forget(destination);
      await rm(destination, { force: true });
      log.info({ model: alias, from: describeSource(source), bytes: knownBytes(source) }, 'getting a model');
      // Loaded when needed: with every model in place, a start has no use for an HTTP client.
      const { fetchSource } = await import('./fetch-source.js');
      const { sha256 } = await fetchSource(source, destination, { ...this.#options, ...options });
      try {
        return await this.#verified.accept(destination, sha256);
      } catch (error) {
        await rm(destination, { force: true });
        throw error;
      }
    });
  }

  /** Which built-in model `auto` stands for. */
  async #largest(): Promise<string> {
    const { entries, folder, freeBytes, memoryBytes } = this.#options;
    const candidates: Candidate[] = [];
    for (const { alias } of BUILT_IN_MODELS) {
      const entry = entries.get(alias);
      if (entry?.runs !== 'local') continue;
      const file = await presentFile(folder, entry);
      const bytes = file?.bytes ?? bytesOf(entry);
      if (bytes !== null) candidates.push({ alias, bytes, present: file !== null });
    }
    const diskBytes = await freeBytes(path.dirname(folder)).catch(() => Number.POSITIVE_INFINITY);
    if (candidates.length === 0) return 'small'; // all are hosted by now: any will do
    return chooseLargest(candidates, { memoryBytes, diskBytes }).alias;
  }
}

/** One sentence: what is missing, why, and what to do. */
function missing(entry: LocalModelEntry, tried: boolean, reasons: readonly string[]): ExpectedFailure {
  const why = reasons.join('; ');
  const other = 'or set PARLEY_MODEL to the path of a .gguf file';
  const downloadable = entry.sources.some((source) => source.type !== 'file');
  const message = downloadable
    ? `The model ${entry.alias} is not on this machine${tried ? ' and could not be got' : ''}${why === '' ? '' : ` (${why})`}: run "npx parley models pull ${entry.alias}" with a connection, ${other}.`
    : `The model ${entry.alias} cannot be used (${why}): put its whole file there, ${other}.`;
  return new ExpectedFailure('model-missing', message);
}
