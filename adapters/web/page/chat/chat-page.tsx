import { useSignal } from '@preact/signals';
import { useCallback, useEffect, useMemo, useRef } from 'preact/hooks';
import { afterRender } from '../parts/after-render.js';
import { narrow } from '../state/narrow.js';
import { address, go, stay } from '../state/navigation.js';
import { userId } from '../state/user.js';
import { ChatBar } from './chat-bar.js';
import { Conversation } from './conversation.js';
import { ConversationList } from './list/conversation-list.js';
import { ListSide } from './list/list-side.js';
import { QuestionForm } from './question/question-form.js';
import { SAID } from './sentences.js';
import { Choices } from './settings/choices.js';
import { MODEL_HABITS } from './settings/model/chosen-model.js';
import { SettingsSide } from './settings/settings-side.js';
import { useShortcuts } from './shortcuts/shortcuts.js';
import { ShortcutsDialog } from './shortcuts/shortcuts-dialog.js';
import { Talk } from './talk.js';
import type { ShownTurn } from './turns/turn.js';
import './chat.css';

/** The list of conversations, and the one that the address names. */
export function ChatPage() {
  const conversation = useMemo(() => new Conversation(MODEL_HABITS), []);
  const choices = useMemo(() => new Choices(), []);
  const list = useMemo(() => new ConversationList(), []);
  const field = useRef<HTMLTextAreaElement>(null);
  const sideIsOpen = useSignal(true);
  const drawerIsOpen = useSignal(false);
  const helpIsOpen = useSignal(false);
  const id = address.value.query.get('conversation');
  const listIsOpen = narrow.value ? drawerIsOpen : sideIsOpen;

  useEffect(() => {
    void conversation.show(id);
  }, [conversation, id]);
  useEffect(() => () => conversation.leave(), [conversation]);
  useEffect(() => () => list.leave(), [list]);
  const user = userId.value;
  const shownFor = useRef(user);
  useEffect(() => {
    void list.begin();
    // Votes are those of whoever reads.
    if (shownFor.current !== user) void conversation.reload();
    shownFor.current = user;
  }, [list, conversation, user]);
  const news = conversation.news.value;
  useEffect(() => {
    if (news > 0) void list.refresh();
  }, [list, news]);

  function show(shown: string | null): void {
    if (shown === null && id !== null) go('/');
    if (shown === null || !narrow.value) field.current?.focus();
  }

  const takeBack = useCallback(
    (turn: ShownTurn) => {
      conversation.takeBack(turn);
      if (!field.current) return;
      field.current.value = turn.question;
      field.current.focus();
    },
    [conversation],
  );

  useShortcuts({
    fresh: () => show(null),
    help: () => {
      helpIsOpen.value = true;
    },
    message: () => field.current?.focus(),
    next: () => list.step(conversation.id.value, 1, go),
    previous: () => list.step(conversation.id.value, -1, go),
    search: () => {
      listIsOpen.value = true;
      afterRender(() => document.querySelector<HTMLElement>('#search')?.focus());
    },
    stop: () => void conversation.stop(),
  });

  const current = conversation.id.value;
  return (
    <div class="chat">
      {listIsOpen.value && (
        <ListSide
          list={list}
          current={current}
          onShow={show}
          onRemove={(entry) => conversation.endWith(entry.ids, () => list.remove(entry))}
          onForgotten={({ ids }, removed) => {
            if (!ids.some((forgotten) => forgotten === current)) return;
            if (removed) stay('/');
            else void conversation.reload();
          }}
          onClose={() => {
            drawerIsOpen.value = false;
          }}
          onShortcuts={() => {
            helpIsOpen.value = true;
          }}
        />
      )}
      <section class="chat-main" aria-label={SAID.chat}>
        <ChatBar
          conversation={conversation}
          choices={choices}
          title={list.titleOf(current) ?? conversation.firstQuestion.value ?? SAID.fresh}
          listIsOpen={listIsOpen.value}
          onToggleList={() => {
            listIsOpen.value = !listIsOpen.value;
          }}
          onFresh={() => show(null)}
        />
        <Talk conversation={conversation} onTakeBack={takeBack} />
        <div class="below">
          <p class="problem" role="alert">
            {conversation.problem.value}
          </p>
          <QuestionForm
            field={field}
            busy={conversation.busy.value}
            onSend={(text) => void conversation.ask(text)}
            onStop={() => void conversation.stop()}
          />
        </div>
      </section>
      {choices.isOpen.value && <SettingsSide choices={choices} settings={conversation.settings.value} />}
      {helpIsOpen.value && (
        <ShortcutsDialog
          onClose={() => {
            helpIsOpen.value = false;
          }}
        />
      )}
    </div>
  );
}
