import type { Models, Options, Place } from '../../api/api-types.js';
import { callApi } from '../../api/call-api.js';
import { Field } from '../../parts/field.js';
import { type Submission, useSubmission } from '../../parts/use-submission.js';
import { SAID } from '../sentences.js';
import { changesOf } from './place-changes.js';

interface PlaceFormProps {
  readonly place: Place;
  readonly options: Options | null;
  readonly models: Models | null;
  readonly onSaved: () => Promise<void>;
  readonly onCancel: () => void;
}

interface Choice {
  readonly value: string;
  readonly label: string;
}

const FIELDS = [
  'model',
  'persona',
  'language',
  'memory',
  'follow_threads',
  'limits.turns_per_minute',
  'limits.tokens_per_day',
];

/** Sends what was changed alone, so that it takes nothing back that somebody else set meanwhile. */
export function PlaceForm({ place, options, models, onSaved, onCancel }: PlaceFormProps) {
  const submission = useSubmission(FIELDS);
  const { settings, effective } = place;

  async function save(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const form = event.currentTarget;
    const isDone = await submission.run(async () => {
      const body = changesOf(new FormData(form), settings);
      await callApi('PATCH /api/admin/places/{key}', { path: { key: place.key }, body });
    });
    if (isDone) await onSaved();
    else form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }

  const asChoices = (known: readonly Choice[] | undefined, own: string | undefined) => {
    const choices = known ?? [];
    const isKnown = own === undefined || choices.some(({ value }) => value === own);
    return isKnown ? choices : [...choices, { value: own, label: own }];
  };

  return (
    <form class="place-form" onSubmit={save}>
      <div class="fields">
        <Select
          {...{ submission, name: 'model', label: SAID.model, own: settings.model, holds: effective.model }}
          choices={asChoices(
            models?.models.map(({ alias }) => ({ value: alias, label: alias })),
            settings.model,
          )}
        />
        <Select
          {...{ submission, name: 'persona', label: SAID.persona }}
          {...{ own: settings.persona, holds: effective.persona }}
          choices={asChoices(
            options?.personas.map(({ name }) => ({ value: name, label: name })),
            settings.persona,
          )}
        />
        <Select
          {...{ submission, name: 'language', label: SAID.language }}
          {...{ own: settings.language, holds: effective.language && SAID.languages[effective.language] }}
          choices={Object.entries(SAID.languages).map(([value, label]) => ({ value, label }))}
        />
        <Select
          {...{ submission, name: 'memory', label: SAID.memory }}
          {...{ own: settings.memory, holds: effective.memory && SAID.memories[effective.memory] }}
          choices={Object.entries(SAID.memories).map(([value, label]) => ({ value, label }))}
        />
        <Select
          {...{ submission, name: 'follow_threads', label: SAID.threads }}
          {...{ own: settings.follow_threads?.toString() }}
          holds={SAID.threadChoices[effective.follow_threads ? 'true' : 'false']}
          choices={Object.entries(SAID.threadChoices).map(([value, label]) => ({ value, label }))}
        />
        <Limit
          {...{ submission, name: 'limits.turns_per_minute', label: SAID.questionsAMinute }}
          own={settings.limits?.turns_per_minute}
        />
        <Limit
          {...{ submission, name: 'limits.tokens_per_day', label: SAID.tokensADay }}
          own={settings.limits?.tokens_per_day}
        />
      </div>
      <p class="problem" role="alert">
        {submission.problem}
      </p>
      <div class="choices">
        <button type="button" class="button" onClick={onCancel}>
          {SAID.cancel}
        </button>
        <button type="submit" class="button main" disabled={submission.busy}>
          {SAID.save}
        </button>
      </div>
    </form>
  );
}

interface ControlProps<T> {
  readonly submission: Submission;
  /** As in the API. */
  readonly name: string;
  readonly label: string;
  /** What is set here. */
  readonly own: T | undefined;
}

interface SelectProps extends ControlProps<string> {
  readonly holds: string | undefined;
  readonly choices: readonly Choice[];
}

function Select({ submission, name, label, own, holds = '', choices }: SelectProps) {
  return (
    <Field label={label} problem={submission.problemOf(name)}>
      {(attributes) => (
        <select name={name} {...attributes}>
          <option value="" selected={own === undefined}>
            {own === undefined ? SAID.inherited(holds) : SAID.inherit}
          </option>
          {choices.map(({ value, label: shown }) => (
            <option key={value} value={value} selected={value === own}>
              {shown}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

function Limit({ submission, name, label, own }: ControlProps<number>) {
  return (
    <Field label={label} hint={SAID.limitHint} problem={submission.problemOf(name)}>
      {(attributes) => (
        <input
          name={name}
          inputMode="numeric"
          autocomplete="off"
          defaultValue={own?.toString()}
          {...attributes}
        />
      )}
    </Field>
  );
}
