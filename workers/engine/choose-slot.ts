/** What choosing needs to know of a slot. Slots are numbered by their place in the list. */
export interface SlotView {
  readonly busy: boolean;
  /** The conversation whose tokens it holds. */
  readonly cacheKey: string | null;
  /** Rises with each use; 0 for never used. */
  readonly lastUsed: number;
}

/**
 * The idle slot for a conversation: its own, else the one that keeps busy slots together, else the longest unused.
 *
 * llama.cpp evaluates sequences together only where their ids follow each other: a gap costs a pass over the weights.
 *
 * @returns its index, or null where all are busy
 */
export function chooseSlot(slots: readonly SlotView[], cacheKey: string): number | null {
  let best: { index: number; runs: number; lastUsed: number } | null = null;
  for (const [index, slot] of slots.entries()) {
    if (slot.busy) continue;
    if (slot.cacheKey === cacheKey) return index;
    const candidate = { index, runs: runsWith(slots, index), lastUsed: slot.lastUsed };
    if (
      best === null ||
      candidate.runs < best.runs ||
      (candidate.runs === best.runs && candidate.lastUsed < best.lastUsed)
    ) {
      best = candidate;
    }
  }
  return best?.index ?? null;
}

/** Groups of busy neighbours once `index` is busy too. */
function runsWith(slots: readonly SlotView[], index: number): number {
  let runs = 0;
  let before = false;
  for (const [i, slot] of slots.entries()) {
    const busy = slot.busy || i === index;
    if (busy && !before) runs++;
    before = busy;
  }
  return runs;
}
