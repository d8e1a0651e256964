import { DAY_MS } from '../../src/domain/time/duration.js';
import type { GeneratedReply } from '../../src/domain/turn.js';
import { HISTORY_LIMIT } from '../../src/pipeline/answer/generate-reply.js';
import { median } from '../bench-row.js';
import type { Storage } from './backend.js';
import { questionIn } from './stored-turns.js';

/** What the database does for one turn, in the order of its way. */
export const STEPS = ['record', 'claim', 'history', 'finish', 'sweep'] as const;
export type Step = (typeof STEPS)[number];
export type StepTimes = Readonly<Record<Step, number>>;

/** As the worker does: lease, and age of a wake-up taken for lost, in ms. */
const LEASE_MS = 10_000;
const LOST_MS = 5_000;
const SWEEP_LIMIT = 500;

const REPLY: GeneratedReply = {
  reply: 'The harvest is late this year. '.repeat(10).trim(),
  model: 'small',
  sampling: {
    temperature: 0.7,
    topP: 0.9,
    topK: 40,
    maxTokens: 512,
    minP: 0.05,
    repeatPenalty: 1.1,
    stop: [],
  },
  finishReason: 'stop',
  usage: { prompt: 400, cached: 300, reply: 80 },
  timeToFirstTokenMs: 100,
  tokensPerSecond: 50,
};

/** Whose turn it is. */
export interface Asked {
  readonly channel: string;
  readonly author: string;
  /** As with `limits.tokensPerDay`, which is off by default. */
  readonly countsTokens?: boolean;
}

/** Takes one turn through the database. @returns milliseconds of each step */
export async function takeTurn(
  { stores }: Pick<Storage, 'stores'>,
  { channel, author, countsTokens = false }: Asked,
): Promise<StepTimes> {
  const { recorder, claims, upkeep, memory } = stores;
  const limits = {
    turns: { withinMs: 60_000, below: 1_000_000 },
    tokens: countsTokens ? { withinMs: DAY_MS, below: 1_000_000_000 } : null,
  };
  const [record, recorded] = await timed(() =>
    recorder.record(questionIn(channel, author), 'channel', limits),
  );
  if ('over' in recorded) throw new Error(`over the limit of ${recorded.over}`);
  const { conversationId } = recorded;
  const [claim, turn] = await timed(() => claims.claimNext(conversationId, 'bench', LEASE_MS));
  if (turn?.id !== recorded.turnId) throw new Error('another turn was claimed than the one recorded');
  const [history] = await timed(() => memory.window(conversationId, turn.id, HISTORY_LIMIT));
  const [finish, finished] = await timed(async () => {
    await claims.keepReply(turn, REPLY);
    return claims.finish(turn, { state: 'done', ...REPLY });
  });
  if (!finished) throw new Error('the turn could not be finished');
  const [sweep] = await timed(() => upkeep.overdue(LOST_MS, SWEEP_LIMIT));
  return { record, claim, history, finish, sweep };
}

async function timed<T>(work: () => Promise<T>): Promise<readonly [number, T]> {
  const started = performance.now();
  const result = await work();
  return [performance.now() - started, result];
}

/** The median of each step, and of all of them together. */
export function medianSteps(times: readonly StepTimes[]): StepTimes & { readonly turn: number } {
  const of = (step: Step) => median(times.map((time) => time[step]));
  const all = STEPS.map((step) => [step, of(step)] as const);
  return {
    ...(Object.fromEntries(all) as Record<Step, number>),
    turn: median(times.map((time) => STEPS.reduce((sum, step) => sum + time[step], 0))),
  };
}
