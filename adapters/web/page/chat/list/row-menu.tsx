import { useSignal } from '@preact/signals';
import { useId, useRef } from 'preact/hooks';
import { apiAddress } from '../../api/operations.js';
import { Icon } from '../../parts/icon.js';
import type { Entry } from './entries.js';
import { SAID } from './sentences.js';

interface RowMenuProps {
  readonly entry: Entry;
  readonly onRename: () => void;
  readonly onClear: () => void;
  readonly onRemove: () => void;
}

/** Least distance to the edge of the window, in CSS pixels. */
const EDGE_PX = 8;

/** What can be done with a conversation: Escape and a press beside it close it, which is the browser's doing. */
export function RowMenu({ entry, onRename, onClear, onRemove }: RowMenuProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLUListElement>(null);
  const isOpen = useSignal(false);
  const files = (['markdown', 'json'] as const).flatMap((format) =>
    entry.ids.map((each, place) => ({
      href: apiAddress('GET /api/conversations/{id}/export', { path: { id: each }, query: { format } }),
      said: entry.ids.length === 1 ? SAID.exported[format] : SAID.exportedOf[format](place),
    })),
  );

  /** Under its button, or above where there is no room; what is measured has been drawn. */
  function place(): void {
    if (!button.current || !menu.current) return;
    const by = button.current.getBoundingClientRect();
    const { offsetWidth, offsetHeight, style } = menu.current;
    const below = by.bottom + offsetHeight + EDGE_PX <= innerHeight;
    style.setProperty('top', `${below ? by.bottom : Math.max(EDGE_PX, by.top - offsetHeight)}px`);
    style.setProperty(
      'left',
      `${Math.max(EDGE_PX, Math.min(by.left, innerWidth - offsetWidth - EDGE_PX))}px`,
    );
    menu.current.querySelector('button')?.focus();
  }

  function choose(action: () => void): void {
    menu.current?.hidePopover();
    action();
  }

  return (
    <>
      <button
        ref={button}
        type="button"
        class="row-menu"
        popoverTarget={id}
        aria-expanded={isOpen.value}
        aria-label={SAID.options(entry.name)}
      >
        <Icon name="more" />
      </button>
      <ul
        ref={menu}
        id={id}
        class="menu"
        popover="auto"
        aria-label={SAID.options(entry.name)}
        onBeforeToggle={({ newState }) => {
          isOpen.value = newState === 'open';
        }}
        onToggle={({ newState }) => {
          if (newState === 'open') place();
        }}
      >
        {isOpen.value && (
          <>
            <li>
              <button type="button" onClick={() => choose(onRename)}>
                {SAID.rename}
              </button>
            </li>
            {files.map(({ href, said }) => (
              <li key={href}>
                <a href={href} download onClick={() => menu.current?.hidePopover()}>
                  {said}
                </a>
              </li>
            ))}
            <li>
              <button type="button" onClick={() => choose(onClear)}>
                {SAID.clear}
              </button>
            </li>
            <li>
              <button type="button" class="danger" onClick={() => choose(onRemove)}>
                {SAID.remove}
              </button>
            </li>
          </>
        )}
      </ul>
    </>
  );
}
