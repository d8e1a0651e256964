import { memo } from 'preact/compat';
import { MarkdownView } from '../markdown/markdown-view.js';
import type { Conversation } from './conversation.js';
import { SAID } from './sentences.js';
import { isOpen, type ShownTurn } from './turn.js';
import { TurnActions } from './turn-actions.js';

interface TurnViewProps {
  readonly turn: ShownTurn;
  readonly conversation: Conversation;
  /** Puts a question that never arrived back where it was written. */
  readonly onTakeBack: (turn: ShownTurn) => void;
}

/** Rendered again only when its own turn changes: another's may change with every frame. */
export const TurnView = memo(function TurnView({ turn, conversation, onTakeBack }: TurnViewProps) {
  const open = isOpen(turn);
  return (
    <article class="turn" data-turn={turn.key}>
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
      {!open && turn.turnId !== null && !turn.broken && (
        <TurnActions turn={turn} conversation={conversation} />
      )}
      {!open && (turn.turnId === null || turn.broken) && (
        <div class="actions">
          {turn.broken && (
            <button type="button" class="button" onClick={() => void conversation.tryAgain(turn)}>
              {SAID.tryAgain}
            </button>
          )}
          {turn.turnId === null && (
            <button type="button" class="button" onClick={() => onTakeBack(turn)}>
              {SAID.takeBack}
            </button>
          )}
        </div>
      )}
    </article>
  );
});
