import { useSignal } from '@preact/signals';
import { SETTING_SAID } from './sentences.js';

interface PromptFieldProps {
  readonly value: string | null;
  /** UTF-16 code units. */
  readonly max: number;
  readonly onChange: (value: string | null) => void;
}

/** What the model is told of itself. Too long a text stays here, and is not saved. */
export function PromptField({ value, max, onChange }: PromptFieldProps) {
  const typed = useSignal<string | null>(null);
  const text = typed.value ?? value ?? '';
  const tooLong = text.length > max;
  return (
    <div class="setting">
      <label for="system-prompt">{SETTING_SAID.prompt}</label>
      <textarea
        id="system-prompt"
        rows={4}
        placeholder={SETTING_SAID.promptPlaceholder}
        aria-describedby="system-prompt-hint system-prompt-length system-prompt-problem"
        aria-invalid={tooLong}
        value={text}
        onInput={({ currentTarget: { value: written } }) => {
          typed.value = written;
          if (written.length <= max) onChange(written.trim() === '' ? null : written);
        }}
      />
      <p class="quiet" id="system-prompt-length">
        {SETTING_SAID.promptLength(text.length, max)}
      </p>
      <p class="quiet" id="system-prompt-hint">
        {SETTING_SAID.promptHint}
      </p>
      <p class="problem" id="system-prompt-problem" role="alert">
        {tooLong ? SETTING_SAID.promptTooLong(text.length, max) : ''}
      </p>
    </div>
  );
}
