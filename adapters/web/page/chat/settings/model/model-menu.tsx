import { useSignal } from '@preact/signals';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Icon } from '../../../parts/icon.js';
import type { ConversationSettings } from '../conversation-settings.js';
import type { ModelList } from './model-list.js';
import { ModelListbox } from './model-listbox.js';
import { MODEL_SAID } from './model-sentences.js';
import './model-menu.css';

/** From the button and from the window's edge, in CSS pixels. */
const GAP_PX = 6;

interface ModelMenuProps {
  readonly list: ModelList;
  readonly settings: ConversationSettings;
  readonly onChoose: (alias: string) => void;
}

/** Shows who answers, and opens the list of who could: under the button, or from the lower edge of a phone. */
export function ModelMenu({ list, settings, onChoose }: ModelMenuProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const isOpen = useSignal(false);
  const models = list.models.value;
  const wanted = settings.values.value.model;
  const chosen = list.find(wanted);
  const alias = chosen?.alias ?? wanted;
  const gone = alias !== null && models !== null && !chosen;

  useEffect(() => {
    const leaving = new AbortController();
    void (isOpen.value ? list.watch(leaving.signal) : list.read(leaving.signal));
    return () => leaving.abort();
  }, [list, isOpen.value]);

  /** Under the button and within the window; a phone's style sheet puts it elsewhere. */
  function place(): void {
    if (!button.current || !menu.current) return;
    const by = button.current.getBoundingClientRect();
    const { offsetWidth, style } = menu.current;
    style.setProperty('--top', `${by.bottom + GAP_PX}px`);
    style.setProperty('--left', `${Math.max(GAP_PX, by.right - offsetWidth)}px`);
    menu.current.querySelector<HTMLElement>('[role="listbox"]')?.focus({ preventScroll: true });
    menu.current.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }

  return (
    <>
      <button
        ref={button}
        type="button"
        class="button model-button"
        popoverTarget={id}
        aria-expanded={isOpen.value}
        aria-label={
          alias === null ? MODEL_SAID.none : gone ? MODEL_SAID.gone(alias) : MODEL_SAID.button(alias)
        }
      >
        <span class={gone ? 'gone' : ''}>{alias ?? MODEL_SAID.none}</span>
        <Icon name="chevron" />
      </button>
      <div
        ref={menu}
        id={id}
        class="model-menu"
        popover="auto"
        role="dialog"
        aria-label={MODEL_SAID.title}
        onBeforeToggle={({ newState }) => {
          if (newState === 'open') isOpen.value = true;
        }}
        onToggle={({ newState }) => {
          // What had the focus must be there until it is closed: only then does the button get it back.
          if (newState === 'open') place();
          else isOpen.value = false;
        }}
      >
        {isOpen.value && (
          <>
            <div class="model-menu-head">
              <h2>{MODEL_SAID.title}</h2>
              <p class="quiet">{MODEL_SAID.hint}</p>
            </div>
            {gone && <p class="problem">{MODEL_SAID.isGone(alias)}</p>}
            <p class="problem" role="alert">
              {list.problem.value}
            </p>
            {models === null && list.problem.value === '' && <p class="quiet">{MODEL_SAID.reading}</p>}
            {models?.length === 0 && <p>{MODEL_SAID.noModels}</p>}
            {models !== null && models.length > 0 && (
              <ModelListbox
                models={models}
                chosen={alias}
                onChoose={(chosen) => {
                  onChoose(chosen);
                  menu.current?.hidePopover();
                }}
              />
            )}
          </>
        )}
      </div>
    </>
  );
}
