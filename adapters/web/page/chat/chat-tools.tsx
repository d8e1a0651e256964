import { Icon } from '../parts/icon.js';
import type { Conversation } from './conversation.js';
import type { Choices } from './settings/choices.js';
import { rememberModel } from './settings/model/chosen-model.js';
import { ModelMenu } from './settings/model/model-menu.js';
import { SETTING_SAID } from './settings/sentences.js';

interface ChatToolsProps {
  readonly conversation: Conversation;
  readonly choices: Choices;
}

/** What stands at the right of the chat's bar: who answers, and how. */
export function ChatTools({ conversation, choices }: ChatToolsProps) {
  const settings = conversation.settings.value;
  return (
    <>
      <ModelMenu
        list={choices.models}
        settings={settings}
        onChoose={(alias) => {
          rememberModel(alias);
          settings.change({ model: alias });
        }}
      />
      <button
        id="open-settings"
        type="button"
        class="button plain square"
        aria-label={SETTING_SAID.open}
        title={SETTING_SAID.open}
        aria-expanded={choices.isOpen.value}
        onClick={() => {
          choices.isOpen.value = !choices.isOpen.value;
        }}
      >
        <Icon name="sliders" />
      </button>
    </>
  );
}
