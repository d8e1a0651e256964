import type { ComponentChildren } from 'preact';
import type { DayFigure } from './day-figures.js';
import { DayPlot } from './day-plot.js';
import type { Filters } from './filters.js';
import { asDay } from './formats.js';
import { csvAddress, type NumberTable } from './numbers.js';
import { FIGURES, SAID } from './sentences.js';

interface FigureProps {
  readonly figure: keyof typeof FIGURES;
  readonly filters: Filters;
  /** Of the CSV. */
  readonly table: NumberTable;
  readonly wide?: boolean;
  readonly children: ComponentChildren;
}

/** What one question is answered by: a heading, what it shows, and the CSV of it. */
export function Figure({ figure, filters, table, wide = false, children }: FigureProps) {
  const [title, says] = FIGURES[figure];
  const heading = `figure-${figure}`;
  return (
    <section class={wide ? 'figure wide' : 'figure'} aria-labelledby={heading}>
      <h2 id={heading}>{title}</h2>
      <p class="quiet">{says}</p>
      {children}
      <a class="csv" href={csvAddress(filters, table)} download aria-label={SAID.csvOf(title)}>
        {SAID.csv}
      </a>
    </section>
  );
}

/** Lines over days, and the same as a table. */
export function DayFigureView({
  figure,
  filters,
}: {
  readonly figure: DayFigure;
  readonly filters: Filters;
}) {
  const { key, table, days, lines, format } = figure;
  return (
    <Figure figure={key} filters={filters} table={table}>
      <DayPlot figure={figure} />
      <details>
        <summary>{SAID.table}</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <section class="scrolled" tabIndex={0} aria-label={SAID.tableOf(FIGURES[key][0])}>
          <table>
            <thead>
              <tr>
                <th scope="col">{SAID.day}</th>
                {lines.map(({ name }) => (
                  <th key={name} scope="col" class="number">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {days.map((day, index) => (
                <tr key={day}>
                  <th scope="row">{asDay(day)}</th>
                  {lines.map(({ name, values }) => (
                    <td key={name} class="number">
                      {format(values[index] ?? null)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </details>
    </Figure>
  );
}
