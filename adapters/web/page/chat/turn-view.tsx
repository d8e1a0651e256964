import { memo } from 'preact/compat';
import type { Conversation } from './conversation.js';
import { QuestionView } from './question/question-view.js';
import { ReplyView } from './reply/reply-view.js';
import type { ShownTurn } from './turns/turn.js';

interface TurnViewProps {
  readonly turn: ShownTurn;
  readonly conversation: Conversation;
  /** Puts a question that never arrived back where it was written. */
  readonly onTakeBack: (turn: ShownTurn) => void;
}

/** Rendered again only when its own turn changes: another's may change with every frame. */
export const TurnView = memo(function TurnView({ turn, conversation, onTakeBack }: TurnViewProps) {
  return (
    <article class="turn" data-turn={turn.key}>
      <QuestionView turn={turn} conversation={conversation} />
      <ReplyView turn={turn} conversation={conversation} onTakeBack={onTakeBack} />
    </article>
  );
});
