/**
 * Moves the focus to where what was changed just now puts something: Preact renders in a microtask, and this is one
 * behind it. The next frame would be late: until it comes the focus is nowhere, and behind another tab none comes.
 */
export function afterRender(move: () => void): void {
  queueMicrotask(move);
}
