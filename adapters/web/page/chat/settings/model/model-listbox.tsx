import { useSignal } from '@preact/signals';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { modelFacts, modelState } from './model-facts.js';
import type { ListedModel } from './model-list.js';
import { isOnItsWay } from './model-list.js';
import { MODEL_SAID } from './model-sentences.js';

interface ModelListboxProps {
  readonly models: readonly ListedModel[];
  readonly chosen: string | null;
  readonly onChoose: (alias: string) => void;
}

/** The models, to go through with the arrow keys and choose from with Enter, or with a pointer. */
export function ModelListbox({ models, chosen, onChoose }: ModelListboxProps) {
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const active = useSignal(
    Math.max(
      0,
      models.findIndex(({ alias }) => alias === chosen),
    ),
  );
  useLayoutEffect(() => {
    // The menu may be open before its models have come.
    if (box.current?.closest(':popover-open')) box.current.focus();
  }, []);

  function choose(model: ListedModel | undefined): void {
    if (model && model.state !== 'unavailable') onChoose(model.alias);
  }

  function move(to: number): void {
    active.value = Math.min(models.length - 1, Math.max(0, to));
    box.current?.children[active.value]?.scrollIntoView({ block: 'nearest' });
  }

  return (
    <div
      ref={box}
      class="models"
      role="listbox"
      tabIndex={0}
      aria-label={MODEL_SAID.title}
      aria-activedescendant={`${id}-${active.value}`}
      onKeyDown={(event) => {
        const keys: Readonly<Record<string, () => void>> = {
          ArrowDown: () => move(active.value + 1),
          ArrowUp: () => move(active.value - 1),
          Home: () => move(0),
          End: () => move(models.length - 1),
          Enter: () => choose(models[active.value]),
          ' ': () => choose(models[active.value]),
        };
        const act = keys[event.key];
        if (!act || event.isComposing) return;
        event.preventDefault();
        act();
      }}
    >
      {models.map((model, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the list around it has the keys
        // biome-ignore lint/a11y/useFocusableInteractive: the list around it has the focus
        <div
          key={model.alias}
          id={`${id}-${index}`}
          class={`model${index === active.value ? ' active' : ''}`}
          role="option"
          aria-selected={model.alias === chosen}
          aria-disabled={model.state === 'unavailable'}
          onClick={() => choose(model)}
        >
          <ModelText model={model} />
        </div>
      ))}
    </div>
  );
}

function ModelText({ model }: { readonly model: ListedModel }) {
  return (
    <>
      <p class="model-name">
        <b>{model.alias}</b>
        {model.is_default && <span class="badge">{MODEL_SAID.isDefault}</span>}
        <span class="model-description">{model.description}</span>
      </p>
      <p class="quiet model-facts">
        {modelFacts(model).map((fact) => (
          <span key={fact}>{fact}</span>
        ))}
      </p>
      <p class={`model-state ${model.state}`}>{modelState(model)}</p>
      {isOnItsWay(model) && model.progress !== null && <progress value={model.progress} aria-hidden="true" />}
    </>
  );
}
