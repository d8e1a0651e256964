/** Ends a reply before the first of some texts, wherever the fragments are cut. */
export interface StopFilter {
  /** What may be shown now, and whether a stop text was reached: nothing may follow then. */
  push(text: string): { readonly text: string; readonly stopped: boolean };
  /** What was held back because it could have become a stop text. */
  flush(): string;
}

/** Endpoints take four stop texts at most, and some take none. */
export function createStopFilter(stops: readonly string[]): StopFilter {
  const wanted = stops.filter((stop) => stop !== '');
  let held = '';
  return {
    push(text) {
      const all = held + text;
      const found = firstComplete(all, wanted);
      if (found !== null) {
        held = '';
        return { text: all.slice(0, found), stopped: true };
      }
      const keep = Math.max(0, ...wanted.map((stop) => overlap(all, stop)));
      held = all.slice(all.length - keep);
      return { text: all.slice(0, all.length - keep), stopped: false };
    },
    flush() {
      const rest = held;
      held = '';
      return rest;
    },
  };
}

/** Where the stop text begins that is complete first; the longest where several are. Null without one. */
function firstComplete(text: string, stops: readonly string[]): number | null {
  let best: { start: number; end: number } | null = null;
  for (const stop of stops) {
    const start = text.indexOf(stop);
    if (start < 0) continue;
    const end = start + stop.length;
    if (best === null || end < best.end || (end === best.end && start < best.start)) best = { start, end };
  }
  return best?.start ?? null;
}

/** Length of the longest end of `text` that begins `stop`. */
function overlap(text: string, stop: string): number {
  for (let length = Math.min(text.length, stop.length - 1); length > 0; length--) {
    if (text.endsWith(stop.slice(0, length))) return length;
  }
  return 0;
}
