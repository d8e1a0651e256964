import { useLayoutEffect, useRef } from 'preact/hooks';
import { letters, placeOf, type Shortcut, shortcutOf } from './shortcuts.js';

/** Listens for the shortcuts of the chat while it is on the screen; an open dialog or menu keeps its keys. */
export function useShortcuts(actions: Readonly<Record<Shortcut, () => void>>): void {
  const latest = useRef(actions);
  latest.current = actions;
  // With what it belongs to: a key may be pressed as soon as that is seen, which is before effects run.
  useLayoutEffect(() => {
    const listening = new AbortController();
    const { signal } = listening;
    document.addEventListener(
      'keydown',
      (event) => {
        if (event.defaultPrevented || document.querySelector(':modal, :popover-open')) return;
        const shortcut = shortcutOf(event, placeOf(document.activeElement), letters.value);
        if (!shortcut) return;
        // The letter itself would be written where the focus goes.
        if (shortcut !== 'stop') event.preventDefault();
        latest.current[shortcut]();
      },
      { signal },
    );
    return () => listening.abort();
  }, []);
}
