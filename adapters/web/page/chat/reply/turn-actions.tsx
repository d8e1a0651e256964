import { useSignal } from '@preact/signals';
import { copyText } from '../../markdown/copy-text.js';
import { Icon } from '../../parts/icon.js';
import type { Conversation } from '../conversation.js';
import { SAID } from '../sentences.js';
import type { ShownTurn } from '../turns/turn.js';
import { CommentForm } from './comment-form.js';
import { factsOf } from './turn-facts.js';

interface TurnActionsProps {
  readonly turn: ShownTurn;
  readonly conversation: Conversation;
  /** An answer can be judged here, and be commented on. */
  readonly votes: boolean;
}

/** What can be done with an answer that has ended, and what is known of it. */
export function TurnActions({ turn, conversation, votes }: TurnActionsProps) {
  const told = useSignal('');
  const commenting = useSignal(false);

  function vote(pressed: -1 | 1): void {
    commenting.value = false;
    told.value = '';
    void conversation.votes.press(turn, pressed);
  }

  async function copy(): Promise<void> {
    told.value = (await copyText(turn.answer)) ? SAID.copied : SAID.notCopied;
  }

  return (
    <>
      <div class="actions">
        {turn.answer !== '' && <Action icon="copy" label={SAID.copy} onPress={() => void copy()} />}
        {votes && turn.state === 'done' && (
          <>
            <Action icon="up" label={SAID.good} isPressed={turn.vote === 1} onPress={() => vote(1)} />
            <Action icon="down" label={SAID.bad} isPressed={turn.vote === -1} onPress={() => vote(-1)} />
          </>
        )}
        <Action icon="again" label={SAID.again} onPress={() => void conversation.again(turn)} />
        {votes && turn.vote !== 0 && !commenting.value && (
          <button
            type="button"
            class="button plain"
            onClick={() => {
              commenting.value = true;
            }}
          >
            {turn.comment === null ? SAID.comment : SAID.changeComment}
          </button>
        )}
        <ul class="turn-facts">
          {factsOf(turn).map((fact) => (
            <li key={fact}>{fact}</li>
          ))}
        </ul>
      </div>
      {votes && turn.comment !== null && !commenting.value && (
        <p class="quiet comment">
          {SAID.commentIs} {turn.comment}
        </p>
      )}
      {commenting.value && (
        <CommentForm
          turn={turn}
          save={(text) => conversation.votes.comment(turn, text)}
          onDone={(sentence) => {
            commenting.value = false;
            told.value = sentence;
          }}
        />
      )}
      <p class="quiet told" role="status">
        {told.value}
      </p>
    </>
  );
}

interface ActionProps {
  readonly icon: 'again' | 'copy' | 'down' | 'up';
  readonly label: string;
  readonly isPressed?: boolean;
  readonly onPress: () => void;
}

function Action({ icon, label, isPressed, onPress }: ActionProps) {
  return (
    <button
      type="button"
      class="button plain square"
      aria-label={label}
      title={label}
      aria-pressed={isPressed}
      onClick={onPress}
    >
      <Icon name={icon} />
    </button>
  );
}
