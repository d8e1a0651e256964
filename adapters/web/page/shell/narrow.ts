import { signal } from '@preact/signals';

const query = window.matchMedia('(width < 56rem)');

/** There is no room for anything beside the chat. */
export const narrow = signal(query.matches);

query.addEventListener('change', ({ matches }) => {
  narrow.value = matches;
});
