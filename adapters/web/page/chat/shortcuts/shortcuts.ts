import { signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';

type Shortcut = 'fresh' | 'help' | 'message' | 'next' | 'previous' | 'search' | 'stop';

/** Keys that no browser takes, and that screen readers keep to themselves while they read. */
export const SHORTCUTS: readonly { readonly key: string; readonly does: Shortcut; readonly says: string }[] =
  [
    { key: 'n', does: 'fresh', says: 'Begin a new conversation' },
    { key: 'm', does: 'message', says: 'Go to the message' },
    { key: 's', does: 'search', says: 'Search conversations' },
    { key: 'j', does: 'next', says: 'Show the next conversation of the list' },
    { key: 'k', does: 'previous', says: 'Show the previous conversation of the list' },
    { key: 'Escape', does: 'stop', says: 'Stop the answer that is being written' },
    { key: '?', does: 'help', says: 'Show these shortcuts' },
  ];

const STORED_AS = 'parley.shortcuts';

/** Whoever speaks to the computer, or has a key pressed by accident, turns single letters off. */
export const letters = signal(localStorage.getItem(STORED_AS) !== 'off');

export function chooseLetters(on: boolean): void {
  letters.value = on;
  if (on) localStorage.removeItem(STORED_AS);
  else localStorage.setItem(STORED_AS, 'off');
}

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

type Pressed = Pick<KeyboardEvent, 'key' | 'altKey' | 'ctrlKey' | 'metaKey' | 'isComposing'>;

/** What has the focus: the message, another field that takes keys, or neither. */
type KeyPlace = 'field' | 'message' | 'page';

/** What a key asks for; null where it asks for nothing. */
function shortcutOf(pressed: Pressed, place: KeyPlace, lettersOn: boolean): Shortcut | null {
  const { key, altKey, ctrlKey, metaKey, isComposing } = pressed;
  if (altKey || ctrlKey || metaKey || isComposing || place === 'field') return null;
  if (key !== 'Escape' && (place === 'message' || !lettersOn)) return null;
  return SHORTCUTS.find((shortcut) => shortcut.key === key)?.does ?? null;
}

function placeOf(focused: Element | null): KeyPlace {
  if (focused?.id === 'message') return 'message';
  const field = 'input, textarea, select, [contenteditable], [role="slider"], [role="listbox"]';
  return focused?.closest(field) ? 'field' : 'page';
}
