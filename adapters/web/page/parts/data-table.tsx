import type { ComponentChildren } from 'preact';

export interface Column<Row> {
  readonly title: string;
  readonly show: (row: Row) => ComponentChildren;
  readonly kind?: 'number' | 'actions';
}

interface DataTableProps<Row> {
  /** What it lists, for those who do not see it. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string | number;
  /** Said in the place of a table without rows. */
  readonly empty: string;
}

/** A table laid out as cards is none to some screen readers, unless it says that it is. */
const AS = {
  table: { role: 'table' },
  group: { role: 'rowgroup' },
  row: { role: 'row' },
  header: { role: 'columnheader' },
  cell: { role: 'cell' },
} as const;

/** Rows under titles; on a phone a card for each row. What is still too wide scrolls by itself. */
export function DataTable<Row>({ label, columns, rows, keyOf, empty }: DataTableProps<Row>) {
  if (rows.length === 0) return <p class="quiet">{empty}</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="table-frame" aria-label={label} tabIndex={0}>
      <table {...AS.table}>
        <thead {...AS.group}>
          <tr {...AS.row}>
            {columns.map(({ title, kind }) => (
              <th key={title} scope="col" class={kind} {...AS.header}>
                {kind === 'actions' ? <span class="unseen">{title}</span> : title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody {...AS.group}>
          {rows.map((row) => (
            <tr key={keyOf(row)} {...AS.row}>
              {columns.map(({ title, kind, show }) => (
                <td key={title} class={kind} data-title={title} {...AS.cell}>
                  {show(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
