import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { SAID } from './sentences.js';

interface LineFormProps {
  /** Of the field; its hint and its problem have names that begin with it. */
  readonly id: string;
  readonly label: string;
  /** True where what stands around says the same to eyes. */
  readonly labelUnseen?: boolean;
  readonly hint: string;
  readonly value: string;
  /** @returns a sentence where it was not saved; null where it was */
  readonly save: (text: string) => Promise<string | null>;
  readonly onDone: (saved: boolean) => void;
}

/** A line of text that is changed in its place: Enter saves it, Escape leaves it as it was. */
export function LineForm({ id, label, labelUnseen = false, hint, value, save, onDone }: LineFormProps) {
  const field = useRef<HTMLInputElement>(null);
  const problem = useSignal('');
  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);

  async function submit(): Promise<void> {
    problem.value = (await save(field.current?.value ?? '')) ?? '';
    if (problem.value === '') onDone(true);
  }

  return (
    <form
      class="rename"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        // A drawer around it stays open.
        event.preventDefault();
        onDone(false);
      }}
    >
      <label class={labelUnseen ? 'unseen' : undefined} for={id}>
        {label}
      </label>
      <input
        id={id}
        ref={field}
        defaultValue={value}
        autocomplete="off"
        aria-describedby={`${id}-hint ${id}-problem`}
        aria-invalid={problem.value !== ''}
      />
      <p id={`${id}-hint`} class="quiet">
        {hint}
      </p>
      <p id={`${id}-problem`} class="problem" role="alert">
        {problem.value}
      </p>
      <div class="choices">
        <button type="submit" class="button main">
          {SAID.save}
        </button>
        <button type="button" class="button plain" onClick={() => onDone(false)}>
          {SAID.cancel}
        </button>
      </div>
    </form>
  );
}
