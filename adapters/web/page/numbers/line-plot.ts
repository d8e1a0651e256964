import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { asTick, type Format } from './formats.js';

/** Lines differ by these as by their colours. In CSS pixels, as SVG and canvas have them. */
export const DASHES: readonly (readonly number[])[] = [[], [8, 4], [2, 3], [12, 3, 2, 3], [5, 2], [1, 5]];

export interface LinePlotOptions {
  /** Every day of the range, as in 2026-11-21. */
  readonly days: readonly string[];
  readonly lines: readonly { readonly values: readonly (number | null)[] }[];
  /** Writes a value beside the axis. */
  readonly brief: Format;
  /** Whether there is nothing between 1 and 2. */
  readonly whole: boolean;
  /** Any CSS colour, read again for each drawing: the theme may change. */
  readonly lineColour: (line: number) => string;
  readonly inkColour: () => string;
  readonly gridColour: () => string;
  /** The day under the pointer, as its place in `days`; null where there is none. */
  readonly onPoint: (day: number | null) => void;
}

const DAY_S = 86_400;
const HEIGHT_PX = 200;
const FONT = '12px system-ui, sans-serif';
/** More days than these, and points would run into each other. */
const POINTED_DAYS = 45;
const WHOLE_STEPS = Array.from({ length: 12 }, (_, power) =>
  [1, 2, 5].map((step) => step * 10 ** power),
).flat();

/** Draws lines over days in `holder`, which it fills. */
export function openLinePlot(holder: HTMLElement, options: LinePlotOptions): uPlot {
  const { days, lines, brief, whole, onPoint } = options;
  const seconds = days.map((day) => Date.parse(day) / 1000);
  const axis = {
    font: FONT,
    stroke: options.inkColour,
    grid: { stroke: options.gridColour, width: 1 },
    ticks: { show: false },
  };
  return new uPlot(
    {
      width: Math.max(1, holder.clientWidth),
      height: HEIGHT_PX,
      padding: [12, 12, 0, 0],
      legend: { show: false },
      tzDate: (second) => uPlot.tzDate(new Date(second * 1000), 'UTC'),
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 8 } },
      scales: {
        x: { time: true, range: daysShown(seconds) },
        y: { range: (_plot, _least, most) => [0, most > 0 ? most * 1.08 : 1] },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          size: 28,
          space: 64,
          incrs: [1, 2, 7, 14, 28, 91].map((count) => count * DAY_S),
          values: (_plot, marks) => marks.map((second) => asTick(second * 1000)),
        },
        {
          ...axis,
          size: 60,
          ...(whole && { incrs: WHOLE_STEPS }),
          values: (_plot, marks) => marks.map((mark) => brief(mark)),
        },
      ],
      series: [
        {},
        ...lines.map((_line, index) => ({
          stroke: () => options.lineColour(index),
          width: 2,
          dash: [...(DASHES[index % DASHES.length] ?? [])],
          points: { show: true, size: 5, fill: () => options.lineColour(index), filter: pointsShown },
        })),
      ],
      hooks: { setCursor: [({ cursor: { idx } }) => onPoint(idx ?? null)] },
    },
    [seconds, ...lines.map(({ values }) => [...values])],
    holder,
  );
}

/** One day alone stands in the middle. */
function daysShown(seconds: readonly number[]): [number, number] {
  const [first = 0, last = first] = [seconds[0], seconds.at(-1)];
  return first === last ? [first - DAY_S, first + DAY_S] : [first, last];
}

/** Of a long range, only those that no line leads to: without a point they would not be seen. */
function pointsShown(plot: uPlot, line: number): number[] {
  const values = plot.data[line] ?? [];
  const known = (index: number) => values[index] !== null && values[index] !== undefined;
  return [...values.keys()].filter(
    (index) => known(index) && (values.length <= POINTED_DAYS || (!known(index - 1) && !known(index + 1))),
  );
}
