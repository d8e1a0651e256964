import { useId } from 'preact/hooks';
import { SETTING_SAID } from './sentences.js';

interface ChoiceFieldProps<Value extends string> {
  readonly label: string;
  /** Null: the default holds. */
  readonly value: Value | null;
  /** What the default is called. */
  readonly byDefault: string;
  readonly choices: readonly { readonly value: Value; readonly text: string }[];
  readonly hint: string;
  readonly onChange: (value: Value | null) => void;
}

/** A menu of a few choices; one that was made and is no longer offered says so. */
export function ChoiceField<Value extends string>({
  label,
  value,
  byDefault,
  choices,
  hint,
  onChange,
}: ChoiceFieldProps<Value>) {
  const id = useId();
  const gone = value !== null && !choices.some((choice) => choice.value === value);
  return (
    <div class="setting">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value ?? ''}
        aria-describedby={`${id}-hint`}
        aria-invalid={gone}
        onChange={({ currentTarget }) =>
          onChange(choices.find((choice) => choice.value === currentTarget.value)?.value ?? null)
        }
      >
        <option value="">{byDefault}</option>
        {gone && <option value={value}>{SETTING_SAID.gone(value)}</option>}
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.text}
          </option>
        ))}
      </select>
      <p class={gone ? 'problem' : 'quiet'} id={`${id}-hint`}>
        {gone ? SETTING_SAID.goneHint(value) : hint}
      </p>
    </div>
  );
}
