import { useEffect, useMemo, useRef } from 'preact/hooks';
import { address, go } from '../shell/navigation.js';
import { Conversation } from './conversation.js';
import { QuestionForm } from './question-form.js';
import { SAID } from './sentences.js';
import { TurnView } from './turn-view.js';
import './chat.css';

export function ChatPage() {
  const conversation = useMemo(() => new Conversation(), []);
  const end = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const id = address.value.query.get('conversation');
  const turns = conversation.turns.value;

  useEffect(() => {
    void conversation.show(id);
  }, [conversation, id]);
  useEffect(() => () => conversation.leave(), [conversation]);
  useEffect(() => {
    const scroller = end.current?.parentElement?.parentElement;
    if (scroller && follows.current && turns.length > 0) scroller.scrollTop = scroller.scrollHeight;
  }, [turns]);

  return (
    <section class="chat" aria-label="Chat">
      <div
        class="talk"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={SAID.talk}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          follows.current = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
        }}
      >
        <div class="turns">
          {turns.length === 0 && id === null && (
            <div class="empty">
              <h1>{SAID.empty}</h1>
              <p class="quiet">{SAID.emptyMore}</p>
            </div>
          )}
          {turns.length > 0 && <h1 class="unseen">{SAID.talk}</h1>}
          {turns.map((turn) => (
            <TurnView key={turn.key} turn={turn} conversation={conversation} />
          ))}
          <div ref={end} />
        </div>
      </div>
      <div class="below">
        <p class="problem" role="alert">
          {conversation.problem.value}
        </p>
        <QuestionForm
          busy={conversation.open.value !== null}
          onSend={(text) => void conversation.ask(text)}
          onStop={() => void conversation.stop()}
        />
        <button type="button" class="button plain" disabled={turns.length === 0} onClick={() => go('/')}>
          {SAID.fresh}
        </button>
      </div>
    </section>
  );
}

/** Who is this near the end, in CSS pixels, goes along with what comes. */
const NEAR_END_PX = 80;
