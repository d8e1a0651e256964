import { signal } from '@preact/signals';

/** The path and query that the address bar shows. */
export const address = signal(read());

window.addEventListener('popstate', () => {
  address.value = read();
});

function read() {
  return { path: location.pathname, query: new URLSearchParams(location.search) };
}

/** Shows another page, or another state of this one. @param href - of this site */
export function go(href: string): void {
  history.pushState(null, '', href);
  address.value = read();
}

/** The same in the place of what is shown: going back leads past it. */
export function stay(href: string): void {
  history.replaceState(null, '', href);
  address.value = read();
}

/** For a link's `onClick`: leaves new tabs and downloads to the browser. @returns whether it went */
export function goWithin(event: MouseEvent, href: string): boolean {
  if (event.defaultPrevented || event.button !== 0) return false;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return false;
  event.preventDefault();
  go(href);
  return true;
}
