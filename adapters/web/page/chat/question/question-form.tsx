import type { RefObject } from 'preact';
import { SAID } from '../sentences.js';

interface QuestionFormProps {
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly busy: boolean;
  readonly onSend: (text: string) => void;
  readonly onStop: () => void;
}

/** Where a person writes. While an answer is written, it can be stopped here. */
export function QuestionForm({ field, busy, onSend, onStop }: QuestionFormProps) {
  function send(): void {
    const text = field.current?.value ?? '';
    if (busy || text.trim() === '' || !field.current) return;
    onSend(text);
    field.current.value = '';
  }

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <label class="unseen" for="message">
        {SAID.askLabel}
      </label>
      <textarea
        id="message"
        ref={field}
        rows={1}
        placeholder={SAID.askHint}
        onKeyDown={(event) => {
          // An input method's own Enter chooses a word.
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          send();
        }}
      />
      {busy ? (
        <button type="button" class="button" onClick={onStop}>
          {SAID.stop}
        </button>
      ) : (
        <button type="submit" class="button main">
          {SAID.send}
        </button>
      )}
    </form>
  );
}
