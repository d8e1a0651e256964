/** Pauses between tries that grow with every failure. */
export interface BackOff {
  /** Milliseconds after the first failure. */
  readonly firstMs: number;
  /** Longest pause in milliseconds, before it is spread. Default: none. */
  readonly lastMs?: number;
  /** How many times as long as the one before each pause is. Default: 2. */
  readonly factor?: number;
  /** What a pause is multiplied by lies between these, so that what failed together comes back apart. */
  readonly spread?: readonly [number, number];
}

/** A spread over the upper half of each pause. */
export const UPPER_HALF: readonly [number, number] = [0.5, 1];

/**
 * @param failures - in a row so far, at least 1
 * @param random - in [0, 1); tells where in `spread` the pause lies
 * @returns milliseconds to wait before the next try
 */
export function backOff(pace: BackOff, failures: number, random = 0): number {
  const { firstMs, lastMs = Number.POSITIVE_INFINITY, factor = 2, spread: [low, high] = [1, 1] } = pace;
  return Math.min(firstMs * factor ** (failures - 1), lastMs) * (low + (high - low) * random);
}
