import { createHash } from 'node:crypto';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { ExpectedFailure } from '../../domain/failure.js';
import { makeFolder } from '../../process/make-folder.js';
import { fileChecksum } from '../download/file-checksum.js';
import { inspectGguf } from './inspect-gguf.js';

const RECORD = z.object({ bytes: z.number(), modifiedMs: z.number(), sha256: z.string() });

export interface ModelFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Model files that were read once and found whole: as long as length and time of change stay, they are not read
 * again, so a start does not hash gigabytes.
 */
export class VerifiedFiles {
  readonly #folder: string;

  /** @param folder - keeps one small record per file */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * The checksum of `file`, from its record or by reading it.
   *
   * @param expected - what it must hash to; null: what its record says where `keep` is set, else any whole GGUF
   * @param options.again - reads the file even where a record vouches for it
   * @returns null where there is no such file
   * @throws {ExpectedFailure} `model-missing`, saying what is wrong with the file
   */
  async verify(
    file: string,
    expected: string | null,
    signal: AbortSignal,
    options: { again?: boolean; keep?: boolean; onBytes?: (bytes: number) => void } = {},
  ): Promise<ModelFile | null> {
    const found = await stat(file).catch(() => null);
    if (found === null) return null;
    const record = await this.#read(file);
    const wanted = expected ?? (options.keep === true ? (record?.sha256 ?? null) : null);
    const untouched = record?.bytes === found.size && record.modifiedMs === found.mtimeMs;
    if (untouched && options.again !== true && (wanted === null || wanted === record.sha256))
      return { path: file, bytes: found.size, sha256: record.sha256 };

    try {
      await inspectGguf(file);
      const sha256 = await fileChecksum(file, signal, options.onBytes);
      if (wanted !== null && sha256 !== wanted)
        throw new ExpectedFailure('model-missing', `${file} is damaged: its SHA-256 is not the expected one`);
      await this.#write(file, { bytes: found.size, modifiedMs: found.mtimeMs, sha256 });
      return { path: file, bytes: found.size, sha256 };
    } catch (error) {
      // Bytes can rot while length and time of change stay: the record must not vouch for them any more.
      if (untouched && error instanceof ExpectedFailure)
        await this.#write(file, { ...record, modifiedMs: -1 });
      throw error;
    }
  }

  /**
   * Takes a file whose checksum was just computed.
   *
   * @throws {ExpectedFailure} `model-missing` where it is no whole GGUF
   */
  async accept(file: string, sha256: string): Promise<ModelFile> {
    const bytes = await inspectGguf(file);
    const { mtimeMs } = await stat(file);
    await this.#write(file, { bytes, modifiedMs: mtimeMs, sha256 });
    return { path: file, bytes, sha256 };
  }

  /** Forgets a file, which is about to be replaced. */
  async forget(file: string): Promise<void> {
    await rm(this.#recordOf(file), { force: true });
  }

  async #read(file: string): Promise<z.infer<typeof RECORD> | null> {
    try {
      return RECORD.parse(JSON.parse(await readFile(this.#recordOf(file), 'utf8')));
    } catch {
      return null;
    }
  }

  async #write(file: string, record: z.infer<typeof RECORD>): Promise<void> {
    await makeFolder(this.#folder);
    const target = this.#recordOf(file);
    const draft = `${target}.${process.pid}`;
    await writeFile(draft, JSON.stringify(record));
    await rename(draft, target);
  }

  #recordOf(file: string): string {
    const key = createHash('sha256').update(path.resolve(file)).digest('hex').slice(0, 32);
    return path.join(this.#folder, `${key}.json`);
  }
}
