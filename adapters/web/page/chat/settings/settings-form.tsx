import { useSignal } from '@preact/signals';
import type { Options } from '../../api/api-types.js';
import { ChoiceField } from './choice-field.js';
import type { ConversationSettings } from './conversation-settings.js';
import type { ListedModel } from './model/model-list.js';
import { PARAMETERS, type ParameterRange } from './options.js';
import { ParameterField } from './parameter-field.js';
import { PromptField } from './prompt-field.js';
import { SETTING_SAID } from './sentences.js';

interface SettingsFormProps {
  readonly options: Options;
  /** Parameters of the model that answers, where nothing is set. */
  readonly defaults: ListedModel['parameters'];
  readonly settings: ConversationSettings;
}

/** Everything that can be set for the conversation on the screen. It is saved as it changes. */
export function SettingsForm({ options, defaults, settings }: SettingsFormProps) {
  /** A slider that is reset forgets also what was typed beside it and is no number. */
  const resets = useSignal(0);
  const { persona, language, system_prompt: prompt, parameters } = settings.values.value;
  const shownPersona = persona ?? options.default_persona;
  const description = options.personas.find(({ name }) => name === shownPersona)?.description ?? '';
  const nameOf = (wanted: string) => options.languages.find(({ code }) => code === wanted)?.name ?? wanted;
  return (
    <form class="settings-form" onSubmit={(event) => event.preventDefault()}>
      <p class="quiet">{SETTING_SAID.hint}</p>
      <ChoiceField
        label={SETTING_SAID.persona}
        value={persona}
        byDefault={SETTING_SAID.byDefault(options.default_persona)}
        choices={options.personas.map(({ name }) => ({ value: name, text: name }))}
        hint={prompt === null ? description : SETTING_SAID.personaReplaced}
        onChange={(chosen) => settings.change({ persona: chosen })}
      />
      <ChoiceField
        label={SETTING_SAID.language}
        value={language}
        byDefault={SETTING_SAID.byDefault(nameOf(options.default_language))}
        choices={options.languages.map(({ code, name }) => ({ value: code, text: name }))}
        hint=""
        onChange={(chosen) => settings.change({ language: chosen })}
      />
      <PromptField
        value={prompt}
        max={options.system_prompt_max}
        onChange={(written) => settings.change({ system_prompt: written })}
      />
      <fieldset class="parameters">
        <legend>{SETTING_SAID.sliders}</legend>
        {PARAMETERS.map((name) => (
          <ParameterField
            key={`${name}-${resets.value}`}
            name={name}
            range={rangeOf(options.parameters[name], defaults[name])}
            value={parameters[name] ?? null}
            onChange={(value) => settings.change({ parameters: { [name]: value } })}
          />
        ))}
        <button
          type="button"
          class="button"
          aria-label={SETTING_SAID.resetAllLabel}
          onClick={() => {
            resets.value += 1;
            settings.change({ parameters: Object.fromEntries(PARAMETERS.map((name) => [name, null])) });
          }}
        >
          {SETTING_SAID.resetAll}
        </button>
      </fieldset>
    </form>
  );
}

function rangeOf(range: ParameterRange, byModel: number | undefined): ParameterRange {
  return byModel === undefined ? range : { ...range, default: byModel };
}
