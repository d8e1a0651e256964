/** A model that `auto` may stand for. */
export interface Candidate {
  readonly alias: string;
  /** Length of the file. */
  readonly bytes: number;
  /** Already on this machine. */
  readonly present: boolean;
}

/** Nobody asked for the model by name, so nobody agreed to a download beyond this. */
export const UNASKED_DOWNLOAD_BYTES = 1e9;

/** What the rest of Parley, the context and the operating system want beside the weights. */
const MEMORY_BESIDE_WEIGHTS = 1.5e9;

/**
 * The largest candidate that fits memory and disk without a download nobody asked for.
 *
 * @param room - bytes of memory that this process may use, and free on the disk of the models
 * @returns the smallest candidate where none fits: it is the likeliest to work all the same
 * @throws {RangeError} without candidates
 */
export function chooseLargest(
  candidates: readonly Candidate[],
  room: { readonly memoryBytes: number; readonly diskBytes: number },
): Candidate {
  const bySize = candidates.toSorted((one, other) => one.bytes - other.bytes);
  const fits = bySize.filter(
    ({ bytes, present }) =>
      bytes * 1.2 + MEMORY_BESIDE_WEIGHTS <= room.memoryBytes &&
      (present || (bytes <= UNASKED_DOWNLOAD_BYTES && bytes <= room.diskBytes)),
  );
  const chosen = fits.at(-1) ?? bySize[0];
  if (chosen === undefined) throw new RangeError('no candidates');
  return chosen;
}
