import { useSignal } from '@preact/signals';

export interface Paging {
  /** Of the page shown; null for the first. */
  readonly cursor: string | null;
  readonly isFirst: boolean;
  next(cursor: string): void;
  previous(): void;
}

/**
 * Where a person is in pages that name the one after them.
 *
 * @param list - what is paged through, as its path and filter; another one begins at its first page
 */
export function usePaging(list: string): Paging {
  const been = useSignal<{ readonly list: string; readonly cursors: readonly string[] }>({
    list,
    cursors: [],
  });
  const cursors = been.value.list === list ? been.value.cursors : [];
  return {
    cursor: cursors.at(-1) ?? null,
    isFirst: cursors.length === 0,
    next: (cursor) => {
      been.value = { list, cursors: [...cursors, cursor] };
    },
    previous: () => {
      been.value = { list, cursors: cursors.slice(0, -1) };
    },
  };
}

interface PagerProps {
  readonly paging: Paging;
  /** Of the page after this one; null where there is none. */
  readonly next: string | number | null;
}

/** Nothing where all is on one page. */
export function Pager({ paging, next }: PagerProps) {
  if (paging.isFirst && next === null) return null;
  return (
    <nav class="pager" aria-label="More of the list">
      <button type="button" class="button" disabled={paging.isFirst} onClick={() => paging.previous()}>
        Previous
      </button>
      <button
        type="button"
        class="button"
        disabled={next === null}
        onClick={() => next !== null && paging.next(String(next))}
      >
        Next
      </button>
    </nav>
  );
}
