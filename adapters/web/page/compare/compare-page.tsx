import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { QuestionForm } from '../chat/question/question-form.js';
import { SAID as CHAT_SAID } from '../chat/sentences.js';
import { FollowedLog, useFollowedEnd } from '../parts/followed-log.js';
import { address, go } from '../state/navigation.js';
import { Comparison } from './comparison.js';
import { ModelChoice } from './model-choice.js';
import { RoundView } from './round-view.js';
import type { Round } from './rounds.js';
import { SAID } from './sentences.js';
import '../chat/chat.css';
import './compare.css';

/** Two models, asked the same. */
export function ComparePage() {
  const comparison = useMemo(() => new Comparison(), []);
  const field = useRef<HTMLTextAreaElement>(null);
  const { query } = address.value;
  const models = comparison.models.value;

  useEffect(() => {
    void comparison.show(query);
  }, [comparison, query]);
  useEffect(() => {
    const left = new AbortController();
    void comparison.readModels(left.signal);
    return () => {
      left.abort();
      comparison.leave();
    };
  }, [comparison]);

  function takeBack(round: Round): void {
    comparison.takeBack(round);
    if (!field.current) return;
    field.current.value = round.question;
    field.current.focus();
  }

  const alone = models && models.length < 2 ? models : null;
  return (
    <div class="compare">
      <header class="compare-bar">
        <h1>{SAID.title}</h1>
        <button
          type="button"
          class="button"
          disabled={comparison.rounds.value.length === 0}
          onClick={() => {
            go(comparison.freshAddress());
            field.current?.focus();
          }}
        >
          {SAID.fresh}
        </button>
        {models && !alone && (
          <div class="model-choices">
            {comparison.sides.map((side) => (
              <ModelChoice
                key={side.name}
                side={side}
                models={models}
                onChoose={(alias) => comparison.choose(side, alias)}
              />
            ))}
          </div>
        )}
      </header>
      <Rounds comparison={comparison} onTakeBack={takeBack} />
      <div class="below">
        {comparison.problems.value.map((problem) => (
          <p key={problem} class="problem" role="alert">
            {problem}
          </p>
        ))}
        {alone && <p class="problem">{alone[0] ? SAID.alone(alone[0].alias) : SAID.noModel}</p>}
        {comparison.isReady.value && !alone && (
          <QuestionForm
            field={field}
            busy={comparison.busy.value}
            onSend={(text) => void comparison.ask(text)}
            onStop={() => void comparison.stop()}
          />
        )}
      </div>
    </div>
  );
}

interface RoundsProps {
  readonly comparison: Comparison;
  readonly onTakeBack: (round: Round) => void;
}

function Rounds({ comparison, onTakeBack }: RoundsProps) {
  const end = useFollowedEnd();
  const { scroller, follows } = end;
  const count = useRef(0);
  const rounds = comparison.rounds.value;

  useLayoutEffect(() => {
    // Whoever asks wants to see it.
    if (rounds.length > count.current) follows.current = true;
    count.current = rounds.length;
    if (scroller.current && follows.current) scroller.current.scrollTop = scroller.current.scrollHeight;
  }, [rounds]);

  return (
    <FollowedLog end={end} label={SAID.talk}>
      <div class="rounds">
        {rounds.length === 0 && (
          <div class="empty">
            <h2>{SAID.empty}</h2>
            <p class="quiet">{SAID.emptyMore}</p>
          </div>
        )}
        {comparison.hasEarlier.value && (
          <button
            type="button"
            class="button plain earlier"
            onClick={() => {
              // What is earlier stands above: the end is not where one looks.
              count.current = Number.POSITIVE_INFINITY;
              follows.current = false;
              void comparison.showEarlier();
            }}
          >
            {CHAT_SAID.earlier}
          </button>
        )}
        {rounds.map((round, index) => (
          <RoundView
            key={round.key}
            round={round}
            number={index + 1}
            comparison={comparison}
            onTakeBack={onTakeBack}
          />
        ))}
      </div>
    </FollowedLog>
  );
}
