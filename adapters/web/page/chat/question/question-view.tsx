import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { randomId } from '../../api/random-id.js';
import { afterRender } from '../../parts/after-render.js';
import { Icon } from '../../parts/icon.js';
import type { Conversation } from '../conversation.js';
import { SAID } from '../sentences.js';
import { isOpen, type ShownTurn } from '../turns/turn.js';
import { QuestionEditor } from './question-editor.js';

interface QuestionViewProps {
  readonly turn: ShownTurn;
  readonly conversation: Conversation;
}

/** What was asked, and, while nothing is being answered, the way to ask it otherwise. */
export function QuestionView({ turn, conversation }: QuestionViewProps) {
  const editing = useSignal(false);
  const button = useRef<HTMLButtonElement>(null);
  const sent = useRef({ question: '', idempotencyKey: '' });

  async function send(question: string): Promise<string> {
    // The same again, after a connection broke off, is not asked twice.
    if (sent.current.question !== question) sent.current = { question, idempotencyKey: randomId() };
    const problem = await conversation.askInstead(turn, question, sent.current.idempotencyKey);
    if (problem === '') document.querySelector<HTMLElement>('#message')?.focus();
    return problem;
  }

  function close(): void {
    editing.value = false;
    afterRender(() => button.current?.focus());
  }

  return (
    <div class="question">
      <h2 class="unseen">{SAID.you}</h2>
      {editing.value ? (
        <QuestionEditor question={turn.question} onSend={send} onClose={close} />
      ) : (
        <>
          <p>{turn.question}</p>
          {turn.turnId !== null && !isOpen(turn) && conversation.open.value === null && (
            <button
              ref={button}
              type="button"
              class="button plain square"
              aria-label={SAID.edit}
              title={SAID.edit}
              onClick={() => {
                editing.value = true;
              }}
            >
              <Icon name="edit" />
            </button>
          )}
        </>
      )}
    </div>
  );
}
