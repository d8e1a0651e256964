import { useSignal } from '@preact/signals';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { SAID } from '../sentences.js';

interface QuestionEditorProps {
  readonly question: string;
  /** Puts the question in the place of the old one. @returns why it could not, a sentence; empty once it is asked */
  readonly onSend: (question: string) => Promise<string>;
  readonly onClose: () => void;
}

/** A question asked before, to be asked another way. What is written stays here until it is taken. */
export function QuestionEditor({ question, onSend, onClose }: QuestionEditorProps) {
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const problem = useSignal('');
  const busy = useSignal(false);
  useLayoutEffect(() => {
    const { current } = field;
    current?.focus();
    current?.setSelectionRange(current.value.length, current.value.length);
  }, []);

  async function send(): Promise<void> {
    const text = field.current?.value ?? '';
    if (busy.value) return;
    if (text.trim() === '') {
      problem.value = SAID.editEmpty;
      return;
    }
    busy.value = true;
    problem.value = '';
    problem.value = await onSend(text);
    busy.value = false;
  }

  return (
    <form
      class="editor"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <label class="unseen" for={id}>
        {SAID.editLabel}
      </label>
      <textarea
        id={id}
        ref={field}
        rows={2}
        defaultValue={question}
        aria-describedby={`${id}-hint ${id}-problem`}
        aria-invalid={problem.value !== ''}
        onKeyDown={(event) => {
          // An input method's own keys choose and leave its words.
          if (event.isComposing) return;
          if (event.key === 'Escape') {
            event.preventDefault();
            onClose();
          } else if (event.key === 'Enter' && !event.shiftKey) {
            event.preventDefault();
            void send();
          }
        }}
      />
      <p class="quiet" id={`${id}-hint`}>
        {SAID.editHint}
      </p>
      <p class="problem" id={`${id}-problem`} role="alert">
        {problem.value}
      </p>
      <div class="editor-buttons">
        <button type="button" class="button plain" onClick={onClose}>
          {SAID.cancel}
        </button>
        <button type="submit" class="button main" aria-disabled={busy.value}>
          {SAID.send}
        </button>
      </div>
    </form>
  );
}
