import { Icon } from '../parts/icon.js';
import { ChatTools } from './chat-tools.js';
import type { Conversation } from './conversation.js';
import { SAID } from './sentences.js';
import type { Choices } from './settings/choices.js';

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
