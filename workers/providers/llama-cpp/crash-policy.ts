import { type BackOff, backOff } from '../../../src/domain/time/back-off.js';

/** Crashes that make a loop, within the window. */
const LOOP_CRASHES = 3;
const LOOP_WINDOW_MS = 60_000;
/** How long a looping engine is left alone. */
const COOL_DOWN_MS = 60_000;
const PACE: BackOff = { firstMs: 250, factor: 4 };

/** When an engine that crashed may start again. */
export type RestartDecision =
  | { readonly type: 'start' /** Wait first. */; readonly afterMs: number }
  | { readonly type: 'give-up' /** Until the next try makes sense. */; readonly retryAfterMs: number };

/** @param crashes - when each crash happened, oldest first, in milliseconds of the same clock as `now` */
export function decideRestart(crashes: readonly number[], now: number): RestartDecision {
  const last = crashes.at(-1);
  if (last === undefined) return { type: 'start', afterMs: 0 };
  const since = now - last;
  const recent = crashes.filter((at) => last - at <= LOOP_WINDOW_MS);
  if (recent.length >= LOOP_CRASHES) {
    return since < COOL_DOWN_MS
      ? { type: 'give-up', retryAfterMs: COOL_DOWN_MS - since }
      : { type: 'start', afterMs: 0 };
  }
  return { type: 'start', afterMs: Math.max(0, backOff(PACE, recent.length) - since) };
}

/** Whether the newest crash completes a loop. */
export function isCrashLoop(crashes: readonly number[]): boolean {
  const last = crashes.at(-1) ?? 0;
  return crashes.filter((at) => last - at <= LOOP_WINDOW_MS).length >= LOOP_CRASHES;
}
