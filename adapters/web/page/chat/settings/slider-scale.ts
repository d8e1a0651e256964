import type { ParameterRange } from './options.js';

/** Where a slider's thumb can stand: whole positions from 0 to `last`, the default on one of them exactly. */
export interface SliderScale {
  readonly last: number;
  valueAt(position: number): number;
  /** The position nearest to a value. */
  positionOf(value: number): number;
}

/** A range this many times as wide as a hundred steps gets finer steps at its lower end, where they matter more. */
const WIDEST_EVEN_RANGE = 100;
const CURVED_STEPS = 120;
/** With this power the defaults of top-k and of the longest answer stand near the middle. */
const CURVE = 3;

export function sliderScale(range: ParameterRange): SliderScale {
  const even = range.max - range.min <= WIDEST_EVEN_RANGE;
  const { last, at } = even ? evenSteps(range) : curvedSteps(range);
  const positionOf = (value: number) => {
    let best = 0;
    for (let position = 1; position <= last; position++)
      if (Math.abs(at(position) - value) < Math.abs(at(best) - value)) best = position;
    return best;
  };
  const home = positionOf(range.default);
  const valueAt = (position: number) => (position === home ? range.default : at(position));
  return { last, valueAt, positionOf: (value) => (value === range.default ? home : positionOf(value)) };
}

function evenSteps({ min, max, whole }: ParameterRange) {
  const step = whole ? 1 : max - min <= 1 ? 0.01 : 0.05;
  const last = Math.round((max - min) / step);
  return { last, at: (position: number) => (position === last ? max : rounded(min + position * step, 4)) };
}

function curvedSteps({ min, max, whole }: ParameterRange) {
  const at = (position: number) => {
    if (position === CURVED_STEPS) return max;
    const value = min + (max - min) * (position / CURVED_STEPS) ** CURVE;
    const short = Number(value.toPrecision(2));
    return Math.min(max, Math.max(min, whole ? Math.round(short) : short));
  };
  return { last: CURVED_STEPS, at };
}

function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
