import { useEffect } from 'preact/hooks';
import { Icon } from '../../parts/icon.js';
import type { Choices } from './choices.js';
import type { ConversationSettings } from './conversation-settings.js';
import { SETTING_SAID } from './sentences.js';
import { SettingsForm } from './settings-form.js';
import './settings.css';

interface SettingsPanelProps {
  readonly choices: Choices;
  readonly settings: ConversationSettings;
}

/** The settings of the conversation on the screen, and whether they are saved. */
export function SettingsPanel({ choices, settings }: SettingsPanelProps) {
  const { options, models } = choices;
  const state = settings.state.value;
  const problem = options.problem.value || settings.problem.value;
  useEffect(() => {
    void options.read();
  }, [options]);

  function tryAgain(): void {
    if (options.problem.value !== '') void options.read();
    if (state === 'failed') void settings.tryAgain();
  }

  return (
    <div class="settings">
      <header class="settings-head">
        <h2>{SETTING_SAID.title}</h2>
        <p class="quiet" role="status">
          {state === 'saved' && SETTING_SAID.saved}
          {state === 'saving' && SETTING_SAID.saving}
        </p>
        <button
          type="button"
          class="button plain square"
          aria-label={SETTING_SAID.close}
          onClick={() => choices.close()}
        >
          <Icon name="close" />
        </button>
      </header>
      <div class="settings-problem" role="alert">
        {problem !== '' && (
          <>
            <p class="problem">{problem}</p>
            <button type="button" class="button" onClick={tryAgain}>
              {SETTING_SAID.tryAgain}
            </button>
          </>
        )}
      </div>
      {problem === '' && (options.value.value === null || state === 'loading') && (
        <p class="quiet">{SETTING_SAID.loading}</p>
      )}
      {options.value.value !== null && state !== 'loading' && (
        <SettingsForm
          key={settings.key}
          options={options.value.value}
          defaults={models.find(settings.values.value.model)?.parameters ?? {}}
          settings={settings}
        />
      )}
    </div>
  );
}
