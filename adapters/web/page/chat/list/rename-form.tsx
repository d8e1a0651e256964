import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { sentenceOf } from '../../api/call-api.js';
import { SAID } from './sentences.js';

interface RenameFormProps {
  readonly title: string;
  /** @throws {ApiError} with the sentence to show */
  readonly save: (title: string) => Promise<void>;
  readonly onDone: (saved: boolean) => void;
}

export function RenameForm({ title, save, onDone }: RenameFormProps) {
  const field = useRef<HTMLInputElement>(null);
  const problem = useSignal('');
  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);

  async function submit(): Promise<void> {
    try {
      await save(field.current?.value ?? '');
      onDone(true);
    } catch (error) {
      problem.value = sentenceOf(error);
    }
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
      <label class="unseen" for="title">
        {SAID.title}
      </label>
      <input
        id="title"
        ref={field}
        defaultValue={title}
        autocomplete="off"
        aria-describedby="title-hint title-problem"
        aria-invalid={problem.value !== ''}
      />
      <p id="title-hint" class="quiet">
        {SAID.titleHint}
      </p>
      <p id="title-problem" class="problem" role="alert">
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
