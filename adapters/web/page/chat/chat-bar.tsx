import { Icon } from '../parts/icon.js';
import type { Conversation } from './conversation.js';
import { SAID } from './sentences.js';
import type { Choices } from './settings/choices.js';
import { rememberModel } from './settings/model/chosen-model.js';
import { ModelMenu } from './settings/model/model-menu.js';
import { SETTING_SAID } from './settings/sentences.js';

interface ChatBarProps {
  readonly conversation: Conversation;
  readonly choices: Choices;
  readonly title: string;
  readonly listIsOpen: boolean;
  readonly onToggleList: () => void;
  readonly onFresh: () => void;
}

/** Above the chat: what it is, and what can be set for it. */
export function ChatBar(props: ChatBarProps) {
  const { conversation, choices, title, listIsOpen, onToggleList, onFresh } = props;
  return (
    <header class="chat-bar">
      <button
        type="button"
        class="button plain square"
        aria-label={SAID.list}
        aria-expanded={listIsOpen}
        onClick={onToggleList}
      >
        <Icon name="list" />
      </button>
      <h1>{title}</h1>
      <div class="chat-tools">
        <ChatTools conversation={conversation} choices={choices} />
      </div>
      {!listIsOpen && (
        <button type="button" class="button plain square" aria-label={SAID.fresh} onClick={onFresh}>
          <Icon name="add" />
        </button>
      )}
    </header>
  );
}

interface ChatToolsProps {
  readonly conversation: Conversation;
  readonly choices: Choices;
}

/** What stands at the right of the chat's bar: who answers, and how. */
function ChatTools({ conversation, choices }: ChatToolsProps) {
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
