import { ReplyView } from '../chat/reply/reply-view.js';
import { SAID as CHAT_SAID } from '../chat/sentences.js';
import { isOpen } from '../chat/turns/turn.js';
import type { Comparison, Side } from './comparison.js';
import { isComparable, type Round, type Verdict, verdictOf } from './rounds.js';
import { SAID } from './sentences.js';

interface RoundViewProps {
  readonly round: Round;
  /** Of those on the screen, from 1. */
  readonly number: number;
  readonly comparison: Comparison;
  readonly onTakeBack: (round: Round) => void;
}

/** A question, its two answers beside each other, and which is better. */
export function RoundView(props: RoundViewProps) {
  const { round, comparison } = props;
  const [first, second] = comparison.sides;
  const comparable = isComparable(round);
  return (
    <article class="round">
      <div class="question">
        <h2 class="unseen">{CHAT_SAID.you}</h2>
        <p>{round.question}</p>
      </div>
      <div class="sides">
        <SideView {...props} side={first} place={0} />
        <SideView {...props} side={second} place={1} />
      </div>
      {comparable && (
        // biome-ignore lint/a11y/useSemanticElements: no form is filled in here
        <div class="both" role="group" aria-label={SAID.both}>
          <VerdictButton {...{ round, comparison }} verdict="good" text={SAID.bothGood} />
          <VerdictButton {...{ round, comparison }} verdict="bad" text={SAID.bothBad} />
        </div>
      )}
    </article>
  );
}

interface SideViewProps extends RoundViewProps {
  readonly side: Side;
  readonly place: 0 | 1;
}

function SideView({ round, number, comparison, side, place, onTakeBack }: SideViewProps) {
  const turn = round.turns[place];
  const { conversation } = side;
  const answerers = comparison.sides.map((one, at) => round.turns[at]?.model ?? one.alias.value);
  const alias = answerers[place] ?? '';
  const name = answerers[0] === answerers[1] ? SAID.twice(alias, side.name) : alias;
  const neverArrived = round.turns.every((one) => one !== null && !isOpen(one) && one.turnId === null);
  const isBetter = verdictOf(round) === side.name;
  return (
    <section class={isBetter ? 'compared better' : 'compared'} aria-label={SAID.answer(name, number)}>
      <p class="compared-name">{name}</p>
      {turn ? (
        <ReplyView
          turn={turn}
          conversation={conversation}
          votes={false}
          onTakeBack={neverArrived ? () => onTakeBack(round) : undefined}
        />
      ) : (
        <p class="quiet">{SAID.notAsked}</p>
      )}
      {turn && isOpen(turn) && turn.turnId !== null && (
        <button type="button" class="button" onClick={() => void conversation.stop()}>
          {SAID.stop(name)}
        </button>
      )}
      {isComparable(round) && (
        <VerdictButton
          {...{ round, comparison }}
          verdict={side.name}
          text={SAID.better}
          label={SAID.betterOf(name)}
        />
      )}
    </section>
  );
}

interface VerdictButtonProps {
  readonly round: Round;
  readonly comparison: Comparison;
  readonly verdict: Verdict;
  readonly text: string;
  readonly label?: string;
}

function VerdictButton({ round, comparison, verdict, text, label }: VerdictButtonProps) {
  return (
    <button
      type="button"
      class="button verdict"
      aria-label={label}
      aria-pressed={verdictOf(round) === verdict}
      onClick={() => void comparison.judge(round, verdict)}
    >
      {text}
    </button>
  );
}
