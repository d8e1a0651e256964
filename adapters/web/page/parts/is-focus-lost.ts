/** What had the focus is gone, or lies in a dialog that was closed and is about to go. */
export function isFocusLost(): boolean {
  const { activeElement } = document;
  return (
    activeElement === null ||
    activeElement === document.body ||
    activeElement.closest('dialog:not([open])') !== null
  );
}
