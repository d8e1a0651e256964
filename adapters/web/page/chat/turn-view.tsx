import { MarkdownView } from '../markdown/markdown-view.js';
import type { Conversation } from './conversation.js';
import { SAID } from './sentences.js';
import { isOpen, type ShownTurn } from './turn.js';

interface TurnViewProps {
  readonly turn: ShownTurn;
  readonly conversation: Conversation;
}

export function TurnView({ turn, conversation }: TurnViewProps) {
  const open = isOpen(turn);
  return (
    <article class="turn">
      <div class="question">
        <h2 class="unseen">{SAID.you}</h2>
        <p>{turn.question}</p>
      </div>
      <div class="reply" aria-busy={open}>
        <h2 class="unseen">{SAID.reply}</h2>
        <MarkdownView text={turn.answer} complete={!open} />
        {open && turn.answer === '' && (
          <p class="quiet">{turn.ahead > 0 ? SAID.queued(turn.ahead) : SAID.writing}</p>
        )}
        {turn.notice && <p class={turn.state === 'failed' ? 'problem' : 'quiet'}>{turn.notice}</p>}
      </div>
      <p class="unseen" role="status">
        {turn.state === 'done' && turn.key.startsWith('new-') ? SAID.finished : ''}
      </p>
      {!open && turn.turnId !== null && <TurnActions turn={turn} conversation={conversation} />}
    </article>
  );
}

function TurnActions({ turn, conversation }: TurnViewProps) {
  return (
    <div class="actions">
      {turn.state === 'done' && (
        <>
          <button
            type="button"
            class="button plain"
            aria-label={SAID.good}
            aria-pressed={turn.vote === 1}
            onClick={() => void conversation.vote(turn, 1)}
          >
            👍
          </button>
          <button
            type="button"
            class="button plain"
            aria-label={SAID.bad}
            aria-pressed={turn.vote === -1}
            onClick={() => void conversation.vote(turn, -1)}
          >
            👎
          </button>
        </>
      )}
      <button type="button" class="button plain" onClick={() => void conversation.again(turn)}>
        {SAID.again}
      </button>
      <span class="quiet">{turn.model}</span>
    </div>
  );
}
