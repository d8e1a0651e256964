import { type FileHandle, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { z } from 'zod';

const SIDECAR = z.object({
  sha256: z.string().nullable(),
  etag: z.string().nullable(),
  bytes: z.number().nullable(),
  url: z.string(),
});

/** What the bytes of a partial file are the beginning of. */
export type PartialOrigin = z.infer<typeof SIDECAR>;

/** A file on its way: `<name>.part`, and beside it what it is a part of. */
export class PartialFile {
  readonly path: string;
  readonly #sidecar: string;

  constructor(destination: string) {
    this.path = `${destination}.part`;
    this.#sidecar = `${destination}.part.json`;
  }

  /** What is there already; null where there is nothing to go on from. */
  async begun(): Promise<{ readonly bytes: number; readonly origin: PartialOrigin } | null> {
    try {
      const [{ size }, text] = await Promise.all([stat(this.path), readFile(this.#sidecar, 'utf8')]);
      const origin = SIDECAR.safeParse(JSON.parse(text));
      return origin.success && size > 0 ? { bytes: size, origin: origin.data } : null;
    } catch {
      // Missing, cut short by a crash, or not ours: the download starts again.
      return null;
    }
  }

  /** Opens it to add to the bytes it has; with `offset` 0 it is emptied first. */
  async open(offset: number, origin: PartialOrigin): Promise<FileHandle> {
    await writeFile(this.#sidecar, JSON.stringify(origin));
    return open(this.path, offset > 0 ? 'a' : 'w');
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
    await this.forgetOrigin();
  }

  async forgetOrigin(): Promise<void> {
    await rm(this.#sidecar, { force: true });
  }
}

/** Whether a partial file may be continued with bytes from `url`: they must be of the same whole. */
export function mayContinue(
  origin: PartialOrigin,
  wanted: { readonly url: string; readonly sha256: string | null },
): 'yes' | 'if-unchanged' | 'no' {
  if (wanted.sha256 !== null) return origin.sha256 === wanted.sha256 ? 'yes' : 'no';
  if (origin.url !== wanted.url) return 'no';
  return origin.etag === null ? 'no' : 'if-unchanged';
}
