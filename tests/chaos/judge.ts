import { tagOfAnswer, wordsOf } from './marked-words.js';
import type { StoredTurn } from './stored-turns.js';

/** A question and what its platform knows of it, at the end of a run. */
export interface Question {
  readonly tag: string;
  readonly conversation: string;
  readonly key: string;
  readonly askedAt: number;
  readonly takenAt: number | null;
  readonly mayBeMissed: boolean;
}

/** How many questions ended how. */
export interface Verdict {
  /** Taken by the bot, as far as its platform knows. */
  readonly sent: number;
  readonly answeredOnce: number;
  readonly lost: number;
  readonly doubled: number;
  readonly outOfOrder: number;
  /** The answer on the platform is not the stored reply. */
  readonly unequal: number;
  /** Answered by a notice of failure. */
  readonly failed: number;
  /** Written while nobody listened, and never heard of. */
  readonly missed: number;
  /** One line for each question that did not end well. */
  readonly findings: readonly string[];
}

type Fate = 'once' | 'lost' | 'doubled' | 'unequal' | 'failed' | 'missed';

/** @param shown - the bot's messages in each conversation as people see them, oldest first */
export function judge(
  questions: readonly Question[],
  stored: readonly StoredTurn[],
  shown: ReadonlyMap<string, readonly string[]>,
): Verdict {
  const turns = new Map(stored.map((turn) => [turn.key, turn]));
  const answers = answersByTag(shown);
  const findings: string[] = [];
  const fates = questions.map((question) => {
    const turn = turns.get(question.key);
    const messages = answers.get(question.tag) ?? [];
    const fate = fateOf(question, turn, messages);
    if (fate !== 'once' && fate !== 'missed') findings.push(describe(fate, question, turn, messages));
    return fate;
  });
  const strays = [...shown].flatMap(([conversation, texts]) =>
    texts.filter((text) => tagOfAnswer(text) === null).map((text) => `${conversation}: ${text}`),
  );
  for (const stray of strays) findings.push(`stray message in ${stray}`);
  const disordered = outOfOrder(questions, turns);
  for (const pair of disordered) findings.push(`out of order: ${pair}`);
  const count = (fate: Fate) => fates.filter((each) => each === fate).length;
  return {
    sent: fates.length - count('missed'),
    answeredOnce: count('once'),
    lost: count('lost'),
    // A failure's notice carries no mark.
    doubled: count('doubled') + Math.max(0, strays.length - count('failed')),
    outOfOrder: disordered.length,
    unequal: count('unequal'),
    failed: count('failed'),
    missed: count('missed'),
    findings,
  };
}

function fateOf(question: Question, turn: StoredTurn | undefined, messages: readonly string[]): Fate {
  if (!turn) return question.mayBeMissed ? 'missed' : 'lost';
  if (turn.finishedAt === null) return 'lost';
  if (turn.state !== 'done') return 'failed';
  const reply = wordsOf(turn.reply);
  const seen = wordsOf(messages.join(' '));
  if (seen === reply) return 'once';
  if (seen === '') return 'lost';
  if (reply.startsWith(seen)) return 'unequal';
  const words = seen.split(' ');
  return new Set(words).size < words.length ? 'doubled' : 'unequal';
}

function answersByTag(shown: ReadonlyMap<string, readonly string[]>): Map<string, string[]> {
  const answers = new Map<string, string[]>();
  for (const text of [...shown.values()].flat()) {
    const tag = tagOfAnswer(text);
    if (tag === null) continue;
    const known = answers.get(tag) ?? [];
    answers.set(tag, [...known, text]);
  }
  return answers;
}

/** Pairs of one conversation where the bot had the first question before the second was written, and answered it later. */
function outOfOrder(questions: readonly Question[], turns: ReadonlyMap<string, StoredTurn>): string[] {
  const pairs: string[] = [];
  for (const first of questions) {
    for (const second of questions) {
      const must = !first.mayBeMissed && first.takenAt !== null && first.takenAt < second.askedAt;
      const [one, two] = [turns.get(first.key), turns.get(second.key)];
      if (!must || !one || !two || first.conversation !== second.conversation) continue;
      const ended = one.finishedAt !== null && two.finishedAt !== null && one.finishedAt > two.finishedAt;
      if (one.id > two.id || ended) pairs.push(`${first.tag} before ${second.tag} in ${first.conversation}`);
    }
  }
  return pairs;
}

function describe(
  fate: Fate,
  { tag, key, askedAt, takenAt }: Question,
  turn: StoredTurn | undefined,
  messages: readonly string[],
): string {
  const state = turn
    ? `turn ${turn.id} ${turn.state} after ${turn.attempts} attempts${turn.failure === null ? '' : ` (${turn.failure})`}`
    : 'never recorded';
  const texts = messages.map((text) => `${text.slice(0, 40)}…${text.slice(-20)} (${text.length})`);
  const reply = turn ? `; stored ${turn.reply.slice(0, 30)}… (${turn.reply.length})` : '';
  const told = takenAt === null ? 'not told' : `told ${takenAt - askedAt} ms later`;
  return `${fate}: ${tag} (${key}), asked at ${new Date(askedAt).toISOString()}, ${told}, ${state}; shown ${JSON.stringify(texts)}${reply}`;
}
