import { useEffect, useRef } from 'preact/hooks';

export interface BarColumn {
  readonly heading: string;
  /** Words stand left, numbers right. */
  readonly number: boolean;
}

export interface BarRow {
  readonly key: string;
  /** As they are shown, one for each column; the first is the row's heading. */
  readonly cells: readonly string[];
  /** Lengths of the bar's pieces, each 0 to 1 and together at most 1. */
  readonly bar: readonly number[];
}

interface BarTableProps {
  readonly label: string;
  readonly columns: readonly BarColumn[];
  readonly rows: readonly BarRow[];
}

/** A table whose rows have a bar each: what is drawn stands there as a number too. */
export function BarTable({ label, columns, rows }: BarTableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="scrolled" tabIndex={0} aria-label={label}>
      <table>
        <thead>
          <tr>
            {columns.map(({ heading, number }) => (
              <th key={heading} scope="col" class={number ? 'number' : undefined}>
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells: [heading, ...cells], bar }) => (
            <tr key={key}>
              <th scope="row">
                {heading}
                <Bar pieces={bar} />
              </th>
              {cells.map((cell, index) => (
                <td
                  key={columns[index + 1]?.heading}
                  class={columns[index + 1]?.number ? 'number' : undefined}
                >
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Bar({ pieces }: { readonly pieces: readonly number[] }) {
  const holder = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    for (const [index, piece] of [...(holder.current?.children ?? [])].entries()) {
      if (piece instanceof HTMLElement) piece.style.setProperty('width', `${100 * (pieces[index] ?? 0)}%`);
    }
  }, [pieces]);
  return (
    <span class="bar" ref={holder} aria-hidden="true">
      {pieces.map((_length, index) => (
        <span key={index} class={`piece-${index + 1}`} />
      ))}
    </span>
  );
}
