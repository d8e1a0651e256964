import { memo } from 'preact/compat';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { afterRender } from '../parts/after-render.js';
import { FollowedLog, useFollowedEnd } from '../parts/followed-log.js';
import type { Conversation } from './conversation.js';
import { QuestionView } from './question/question-view.js';
import { ReplyView } from './reply/reply-view.js';
import { SAID } from './sentences.js';
import { isOpen, type ShownTurn } from './turns/turn.js';

interface TalkProps {
  readonly conversation: Conversation;
  readonly onTakeBack: (turn: ShownTurn) => void;
}

/** What was said, from the earliest turn that is loaded. */
export function Talk({ conversation, onTakeBack }: TalkProps) {
  const end = useFollowedEnd();
  const { scroller, follows } = end;
  /** The key of the last turn that was asked here. */
  const asked = useRef('');
  /** The first turn of the last rendering, and where it stood in the window. */
  const first = useRef<{ readonly key: string; readonly top: number } | null>(null);
  const turns = conversation.turns.value;
  const { earlier } = conversation;

  useLayoutEffect(() => {
    const place = scroller.current;
    if (!place) return;
    const last = turns.at(-1);
    if (last && isOpen(last) && last.key !== asked.current) {
      // Whoever asks wants to see it.
      follows.current = true;
      asked.current = last.key;
    }
    const before = first.current;
    if (before && turns[0]?.key !== before.key && turns.some(({ key }) => key === before.key)) {
      const moved = place.querySelector(`[data-turn="${before.key}"]`)?.getBoundingClientRect().top;
      place.scrollTop += (moved ?? before.top) - before.top;
    } else if (follows.current) {
      place.scrollTop = place.scrollHeight;
    }
    remember();
  }, [turns]);

  function remember(): void {
    const element = scroller.current?.querySelector<HTMLElement>('[data-turn]');
    const key = element?.dataset['turn'];
    first.current = element && key ? { key, top: element.getBoundingClientRect().top } : null;
  }

  async function showEarlier(button: Element): Promise<void> {
    await conversation.showEarlier();
    afterRender(() => {
      if (!button.isConnected) scroller.current?.focus();
    });
  }

  return (
    <FollowedLog end={end} label={SAID.talk} onScroll={remember}>
      <div class="turns">
        {conversation.isEmpty.value && (
          <div class="empty">
            <h2>{SAID.empty}</h2>
            <p class="quiet">{SAID.emptyMore}</p>
          </div>
        )}
        {earlier.value !== null && (
          <button
            type="button"
            class="button plain earlier"
            onClick={({ currentTarget }) => void showEarlier(currentTarget)}
          >
            {SAID.earlier}
          </button>
        )}
        {turns.map((turn) => (
          <TurnView key={turn.key} turn={turn} conversation={conversation} onTakeBack={onTakeBack} />
        ))}
      </div>
    </FollowedLog>
  );
}

interface TurnViewProps {
  readonly turn: ShownTurn;
  readonly conversation: Conversation;
  /** Puts a question that never arrived back where it was written. */
  readonly onTakeBack: (turn: ShownTurn) => void;
}

/** Rendered again only when its own turn changes: another's may change with every frame. */
const TurnView = memo(function TurnView({ turn, conversation, onTakeBack }: TurnViewProps) {
  return (
    <article class="turn" data-turn={turn.key}>
      <QuestionView turn={turn} conversation={conversation} />
      <ReplyView turn={turn} conversation={conversation} onTakeBack={onTakeBack} />
    </article>
  );
});
