import { useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import { theme } from '../state/theme.js';
import type { DayFigure } from './day-figures.js';
import { asCount, asDay } from './formats.js';
import { DASHES, openLinePlot } from './line-plot.js';
import { FIGURES, SAID } from './sentences.js';

/** Lines over days, with a legend that says what is under the pointer and hides what is pressed. */
export function DayPlot({ figure }: { readonly figure: DayFigure }) {
  const holder = useRef<HTMLDivElement>(null);
  const legend = useRef<HTMLUListElement>(null);
  const plot = useRef<uPlot | null>(null);
  const pointed = useSignal<number | null>(null);
  const hidden = useSignal<ReadonlySet<string>>(new Set());
  const { days, lines, format, brief, key } = figure;
  const [title] = FIGURES[key];

  useEffect(() => {
    const { current } = holder;
    if (!current) return;
    const colourOf = (from: Element | null | undefined, property: 'color' | 'borderTopColor') =>
      getComputedStyle(from ?? current)[property];
    const opened = openLinePlot(current, {
      days,
      lines,
      brief,
      whole: format === asCount,
      lineColour: (line) => colourOf(legend.current?.querySelectorAll('svg')[line], 'color'),
      inkColour: () => colourOf(current, 'color'),
      gridColour: () => colourOf(current, 'borderTopColor'),
      onPoint: (day) => {
        pointed.value = day;
      },
    });
    for (const [index, { name }] of lines.entries()) {
      if (hidden.peek().has(name)) opened.setSeries(index + 1, { show: false });
    }
    plot.current = opened;
    const resized = new ResizeObserver(() => {
      opened.setSize({ width: Math.max(1, current.clientWidth), height: opened.height });
    });
    resized.observe(current);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const redraw = () => opened.redraw();
    dark.addEventListener('change', redraw);
    return () => {
      dark.removeEventListener('change', redraw);
      resized.disconnect();
      plot.current = null;
      opened.destroy();
    };
  }, [days, lines, format, brief, pointed, hidden]);
  useSignalEffect(() => {
    void theme.value;
    plot.current?.redraw();
  });

  function press(name: string, index: number): void {
    const show = hidden.value.has(name);
    const rest = [...hidden.value].filter((each) => each !== name);
    hidden.value = new Set(show ? rest : [...rest, name]);
    plot.current?.setSeries(index + 1, { show });
  }

  const at = pointed.value;
  const day = at === null ? undefined : days[at];
  return (
    <>
      <ul class="legend" ref={legend} aria-label={SAID.legend}>
        {lines.map(({ name, values }, index) => (
          <li key={name}>
            <button
              type="button"
              class="button plain"
              aria-pressed={!hidden.value.has(name)}
              onClick={() => press(name, index)}
            >
              <svg class={`plot-colour-${(index % DASHES.length) + 1}`} viewBox="0 0 28 8" aria-hidden="true">
                <line
                  x1="0"
                  y1="4"
                  x2="28"
                  y2="4"
                  stroke-dasharray={DASHES[index % DASHES.length]?.join(' ')}
                />
              </svg>
              {name}
              {at !== null && <span class="at"> {format(values[at] ?? null)}</span>}
            </button>
          </li>
        ))}
        <li class="quiet day">{day !== undefined && asDay(day)}</li>
      </ul>
      <div
        class="plot"
        ref={holder}
        role="img"
        aria-label={SAID.plot(title, asDay(days[0] ?? ''), asDay(days.at(-1) ?? ''))}
      />
    </>
  );
}
