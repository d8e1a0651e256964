/** Lets text through up to the first stop text, and keeps back what may become one. */
export class StopScanner {
  readonly #stops: readonly string[];
  #held = '';

  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== '');
  }

  /** `text` is what can be shown now. Once `stopped`, nothing more comes. */
  push(text: string): { readonly text: string; readonly stopped: boolean } {
    const all = this.#held + text;
    const found = earliest(all, this.#stops);
    if (found >= 0) {
      this.#held = '';
      return { text: all.slice(0, found), stopped: true };
    }
    const safe = all.length - longestBeginning(all, this.#stops);
    this.#held = all.slice(safe);
    return { text: all.slice(0, safe), stopped: false };
  }

  /** What was kept back and became no stop text. */
  end(): string {
    const rest = this.#held;
    this.#held = '';
    return rest;
  }
}

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
