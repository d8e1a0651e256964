/** Drawn on a square of 24 units with lines of 1.75. */
const PATHS = {
  add: 'M12 5v14M5 12h14',
  again: 'M19.5 9A8 8 0 1 0 20 13M20 4v5h-5',
  close: 'M6 6l12 12M18 6L6 18',
  copy: 'M9 9h10a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H9a1 1 0 0 1-1-1V10a1 1 0 0 1 1-1ZM16 6V4a1 1 0 0 0-1-1H5a1 1 0 0 0-1 1v10a1 1 0 0 0 1 1h1',
  chevron: 'M6 9.5l6 6 6-6',
  down: 'M17 13V4h3v9ZM17 13l-4 7.5a2.4 2.4 0 0 1-2.4-2.9L11.2 14H5.6a2 2 0 0 1-1.95-2.45l1.4-6A2 2 0 0 1 7 4h10',
  edit: 'M4 20l1-4L16.5 4.5a2.1 2.1 0 0 1 3 3L8 19ZM14 7l3 3',
  list: 'M4 5h16v14H4ZM9.5 5v14',
  more: 'M4.2 12a.8.8 0 1 0 1.6 0a.8.8 0 1 0-1.6 0M11.2 12a.8.8 0 1 0 1.6 0a.8.8 0 1 0-1.6 0M18.2 12a.8.8 0 1 0 1.6 0a.8.8 0 1 0-1.6 0',
  sliders: 'M4 7h9M19 7h1M4 17h1M11 17h9M16 4.5v5M8 14.5v5',
  up: 'M7 11v9H4v-9ZM7 11l4-7.5a2.4 2.4 0 0 1 2.4 2.9L12.8 10h5.6a2 2 0 0 1 1.95 2.45l-1.4 6A2 2 0 0 1 17 20H7',
} as const;

/** A picture beside or in place of words; whoever uses it alone gives the button a label. */
export function Icon({ name }: { readonly name: keyof typeof PATHS }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
