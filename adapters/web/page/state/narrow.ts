import { type ReadonlySignal, signal } from '@preact/signals';

/** There is no room for anything beside the chat. */
export const narrow = follow('(width < 56rem)');

/** There is room for something on both sides of the chat. */
export const roomy = follow('(width >= 72rem)');

function follow(condition: string): ReadonlySignal<boolean> {
  const query = window.matchMedia(condition);
  const matches = signal(query.matches);
  query.addEventListener('change', (event) => {
    matches.value = event.matches;
  });
  return matches;
}
