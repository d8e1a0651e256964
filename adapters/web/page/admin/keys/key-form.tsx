import type { ApiKey } from '../../api/api-types.js';
import type { FieldIssue } from '../../api/call-api.js';
import { closeDialog } from '../../parts/dialog.js';
import { Field } from '../../parts/field.js';
import { readLimit } from '../../parts/read-limit.js';
import { InvalidForm, useSubmission } from '../../parts/use-submission.js';
import { SAID } from '../sentences.js';

/** As the API takes them. */
export type KeyValues = Pick<ApiKey, 'name' | 'limits'>;

interface KeyFormProps {
  /** null for a new one. */
  readonly of: ApiKey | null;
  /** @throws {ApiError} with what is wrong */
  readonly onSave: (values: KeyValues) => Promise<void>;
}

const FIELDS = ['name', 'limits.turns_per_minute', 'limits.tokens_per_day'];

/** Within a dialog. */
export function KeyForm({ of, onSave }: KeyFormProps) {
  const submission = useSubmission(FIELDS);

  async function save(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const form = event.currentTarget;
    const isDone = await submission.run(() => onSave(valuesOf(new FormData(form))));
    if (!isDone) form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }

  return (
    <form class="stack" onSubmit={save}>
      <Field label={SAID.keyName} hint={SAID.keyNameHint} problem={submission.problemOf('name')}>
        {(attributes) => <input name="name" autocomplete="off" defaultValue={of?.name} {...attributes} />}
      </Field>
      <Field
        label={SAID.keyTurns}
        hint={SAID.keyLimitHint}
        problem={submission.problemOf('limits.turns_per_minute')}
      >
        {(attributes) => (
          <input
            name="limits.turns_per_minute"
            inputMode="numeric"
            autocomplete="off"
            defaultValue={of?.limits.turns_per_minute?.toString()}
            {...attributes}
          />
        )}
      </Field>
      <Field
        label={SAID.keyTokens}
        hint={SAID.keyLimitHint}
        problem={submission.problemOf('limits.tokens_per_day')}
      >
        {(attributes) => (
          <input
            name="limits.tokens_per_day"
            inputMode="numeric"
            autocomplete="off"
            defaultValue={of?.limits.tokens_per_day?.toString()}
            {...attributes}
          />
        )}
      </Field>
      <p class="problem" role="alert">
        {submission.problem}
      </p>
      <div class="choices">
        <button type="button" class="button" onClick={closeDialog}>
          {SAID.cancel}
        </button>
        <button type="submit" class="button main" disabled={submission.busy}>
          {of === null ? SAID.make : SAID.save}
        </button>
      </div>
    </form>
  );
}

/** @throws {InvalidForm} where a limit is no number */
function valuesOf(form: FormData): KeyValues {
  const issues: FieldIssue[] = [];
  const limit = (field: string) => {
    const read = readLimit(field, String(form.get(field) ?? ''));
    if (typeof read === 'number' || read === null) return read;
    issues.push(read);
    return null;
  };
  const limits = {
    turns_per_minute: limit('limits.turns_per_minute'),
    tokens_per_day: limit('limits.tokens_per_day'),
  };
  if (issues.length > 0) throw new InvalidForm(issues);
  return { name: String(form.get('name') ?? '').trim(), limits };
}
