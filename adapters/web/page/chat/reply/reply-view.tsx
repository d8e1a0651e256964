import { MarkdownView } from '../../markdown/markdown-view.js';
import type { Conversation } from '../conversation.js';
import { SAID } from '../sentences.js';
import { isOpen, type ShownTurn } from '../turns/turn.js';
import { TurnActions } from './turn-actions.js';

interface ReplyViewProps {
  readonly turn: ShownTurn;
  readonly conversation: Conversation;
  /** Puts a question that never arrived back where it was written. Left out where that cannot be. */
  readonly onTakeBack?: ((turn: ShownTurn) => void) | undefined;
  /** False where an answer is judged in another way. */
  readonly votes?: boolean;
}

/** An answer as it comes, and what can be done with it once it has ended. */
export function ReplyView({ turn, conversation, onTakeBack, votes = true }: ReplyViewProps) {
  const open = isOpen(turn);
  return (
    <>
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
        <TurnActions turn={turn} conversation={conversation} votes={votes} />
      )}
      {!open && (turn.turnId === null || turn.broken) && (
        <div class="actions">
          {turn.broken && (
            <button type="button" class="button" onClick={() => void conversation.tryAgain(turn)}>
              {SAID.tryAgain}
            </button>
          )}
          {turn.turnId === null && onTakeBack && (
            <button type="button" class="button" onClick={() => onTakeBack(turn)}>
              {SAID.takeBack}
            </button>
          )}
        </div>
      )}
    </>
  );
}
