/** Text that may be shown now. Once `stopped`, nothing follows it. */
export interface Scanned {
  readonly text: string;
  readonly stopped: boolean;
}

/**
 * Ends a text before its earliest stop text, wherever the pieces are cut: of two stop texts the one that begins first
 * counts, so a short one inside a longer one waits until the longer one has come, or can come no more.
 */
export class StopScanner {
  readonly #stops: readonly string[];
  #held = '';

  /** @param stops - empty ones stop nothing */
  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== '');
  }

  /** Lets through what can neither be a stop text nor begin one. */
  push(text: string): Scanned {
    const all = this.#held + text;
    const place = earliest(all, this.#stops);
    const open = all.length - longestBeginning(all, this.#stops);
    if (place >= 0 && place <= open) return this.#stop(all, place);
    this.#held = all.slice(open);
    return { text: all.slice(0, open), stopped: false };
  }

  /** Nothing more comes: what was kept back is let through, up to a stop text in it. */
  end(): Scanned {
    const rest = this.#held;
    const place = earliest(rest, this.#stops);
    if (place >= 0) return this.#stop(rest, place);
    this.#held = '';
    return { text: rest, stopped: false };
  }

  #stop(all: string, place: number): Scanned {
    this.#held = '';
    return { text: all.slice(0, place), stopped: true };
  }
}

/** Where the first stop text begins; -1 without one. */
function earliest(text: string, stops: readonly string[]): number {
  const places = stops.map((stop) => text.indexOf(stop)).filter((place) => place >= 0);
  return places.length === 0 ? -1 : Math.min(...places);
}

/** Length of the longest end of `text` that begins a stop text. */
function longestBeginning(text: string, stops: readonly string[]): number {
  let longest = 0;
  for (const stop of stops) {
    for (let length = Math.min(stop.length - 1, text.length); length > longest; length--) {
      if (text.endsWith(stop.slice(0, length))) longest = length;
    }
  }
  return longest;
}
