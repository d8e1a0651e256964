import { afterAll, beforeAll, beforeEach } from 'vitest';
import { ExpectedFailure } from '../../../../src/domain/failure.js';
import { DEFAULT_SAMPLING } from '../../../../src/domain/sampling.js';
import { phrasesIn } from '../../../../src/domain/text/phrases.js';
import type { ClaimedTurn, ConversationId, TurnOutcome } from '../../../../src/domain/turn.js';
import { localLiveEvents } from '../../../../src/exchange/local-live-events.js';
import { type AnswerTurnDeps, answerTurn } from '../../../../src/pipeline/answer/answer-turn.js';
import { holdLease } from '../../../../src/pipeline/answer/hold-lease.js';
import { assistant } from '../../../../src/pipeline/personas/assistant.js';
import type { RoutedPart } from '../../../../src/ports/models/model-router.js';
import type { TurnClaims } from '../../../../src/ports/turns/turn-claims.js';
import type { Database } from '../../../../src/storage/database/database.js';
import { PrismaMemoryStore } from '../../../../src/storage/memory/memory-store.js';
import { awaitCondition } from '../../../doubles/await-condition.js';
import { FakeClock } from '../../../doubles/clocks/fake-clock.js';
import { RecordedLog } from '../../../doubles/recorders/recorded-log.js';
import { RecordingDelivery } from '../../../doubles/recorders/recording-delivery.js';
import { openMemoryDatabase } from '../../../fixtures/open-memory-database.js';
import { openTurns, type Turns } from '../../../fixtures/open-turns.js';

/** One request to the model. */
export type Speech = (signal: AbortSignal) => AsyncIterable<RoutedPart>;

export const say = phrasesIn('en');
export const BEGIN: RoutedPart = { type: 'model', alias: 'scripted', sampling: DEFAULT_SAMPLING };
export const END: RoutedPart = {
  type: 'finish',
  reason: 'stop',
  usage: { prompt: 10, cached: 0, reply: 2 },
  timeToFirstTokenMs: 5,
  tokensPerSecond: 50,
};
/** So long that a query, which takes real time, never comes too late for a clock that a test moves by hours. */
export const LEASE = { leaseMs: 3_600_000, renewEveryMs: 1_000 };
export const gone = () => new ExpectedFailure('delivery-failed', 'deleted', { reason: 'gone' });
export const away = () => new ExpectedFailure('delivery-failed', 'away', { reason: 'unavailable' });
export const crashed = () => new ExpectedFailure('provider-unavailable', 'the engine ended');
export const databaseAway = () =>
  new ExpectedFailure('setup', 'the database is out of reach', { retryable: true });

/** Says `text`, then whatever `then` resolves to: the end, or a failure. */
export function speech(text: string, then: () => Promise<unknown> = async () => {}): Speech {
  return async function* (signal) {
    yield BEGIN;
    yield { type: 'delta', text };
    await then();
    signal.throwIfAborted();
    yield END;
  };
}

export const failing = (text: string, error: Error) => speech(text, () => Promise.reject(error));

/** Loads, or hangs: nothing comes until it is stopped. */
export const silent: Speech = (signal) => ({
  [Symbol.asyncIterator]: () => ({
    next: () =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      }),
  }),
});

/** Says `text` and nothing more until it is stopped. */
export function endless(text: string, onStopped: () => void = () => {}): Speech {
  return async function* (signal) {
    yield BEGIN;
    yield { type: 'delta', text };
    await new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    }).finally(onStopped);
  };
}

/** A store some of whose methods fail. */
export function brokenStore(store: TurnClaims, broken: Partial<TurnClaims>): TurnClaims {
  return new Proxy<TurnClaims>(store, {
    get(_proxied, name) {
      const method: unknown = Reflect.get(broken, name) ?? Reflect.get(store, name);
      return typeof method === 'function' ? method.bind(store) : method;
    },
  });
}

/** What a test changes and looks at: new for each. */
interface AnsweringState {
  clock: FakeClock;
  delivery: RecordingDelivery;
  log: RecordedLog;
  /** What the model says, request by request. */
  speeches: Speech[];
  /** Requests made to the model. */
  asked: number;
  /** How turns ended, as `onEnded` was told. */
  ended: TurnOutcome[];
}

const fresh = (): AnsweringState => ({
  clock: new FakeClock(Date.now()),
  delivery: new RecordingDelivery(),
  log: new RecordedLog(),
  speeches: [],
  asked: 0,
  ended: [],
});

/** `answerTurn` on a real database, with a model and a platform that a test scripts. For the surrounding `describe`. */
export function openAnswering() {
  const state = fresh();
  let database: Database;
  let turns: Turns;
  let memory: PrismaMemoryStore;
  let messages = 0;

  beforeAll(async () => {
    database = await openMemoryDatabase();
    turns = openTurns(database.prisma);
    memory = new PrismaMemoryStore(database.prisma, () => {});
  });
  afterAll(() => database.stop());
  beforeEach(() => void Object.assign(state, fresh()));

  function record(awaited = false): Promise<{ turnId: number; conversationId: ConversationId }> {
    messages += 1;
    return recordIn(`channel-${messages}`, '1', { awaited });
  }
  /** A conversation with a turn for each of the models asked for. */
  async function conversation(models: readonly string[]): Promise<{ conversationId: ConversationId }> {
    messages += 1;
    let recorded = { conversationId: 0 };
    for (const [i, model] of models.entries())
      recorded = await recordIn(`channel-${messages}`, `${i}`, { model });
    return recorded;
  }
  function recordIn(
    channel: string,
    id: string,
    more: { readonly awaited?: boolean; readonly model?: string },
  ) {
    const { awaited = false, model } = more;
    return turns.recorder.record(
      {
        key: `discord/app/${channel}/${id}`,
        platformMessageId: id,
        address: { platform: 'discord', app: 'app', workspace: 'guild', channel, kind: 'channel' },
        author: { key: 'discord/ada', id: 'ada', name: 'Ada' },
        text: 'What is it?',
        target: { platform: 'discord', channel, awaited },
        ...(model === undefined ? {} : { model }),
      },
      'channel',
    );
  }
  async function claim(conversationId: ConversationId, owner = 'one'): Promise<ClaimedTurn> {
    const turn = await turns.claims.claimNext(conversationId, owner, LEASE.leaseMs);
    if (!turn) throw new Error('nothing to claim');
    return turn;
  }
  async function claimed(): Promise<ClaimedTurn> {
    return claim((await record()).conversationId);
  }
  const change = (id: number, data: { attempt?: number; revision?: number; leaseUntil?: Date }) =>
    database.prisma.turn.update({ where: { id }, data });
  /** Another worker takes the turn, as if this one's lease had run out. */
  async function takenOver({ id, conversationId }: ClaimedTurn): Promise<ClaimedTurn> {
    await change(id, { leaseUntil: new Date(0) });
    return claim(conversationId, 'two');
  }

  function deps(over: Partial<AnswerTurnDeps> = {}): AnswerTurnDeps & Pick<Turns, 'waiting'> {
    return {
      claims: turns.claims,
      waiting: turns.waiting,
      memory,
      settingsAt: async () => ({
        model: 'scripted',
        persona: 'assistant',
        language: 'auto',
        memory: 'channel',
        followThreads: false,
        sampling: {},
      }),
      personas: new Map(),
      defaultPersona: assistant,
      router: {
        models: () => [],
        has: () => true,
        stream(_request, signal) {
          state.asked += 1;
          const next = state.speeches.shift();
          if (!next) throw new Error('the model was asked too often');
          return next(signal);
        },
      },
      deliveries: new Map([['discord', state.delivery]]),
      tokenVariables: new Map([['discord', 'DISCORD_TOKEN']]),
      budget: { take: async () => {}, pause: () => {} },
      live: localLiveEvents(state.log),
      clock: state.clock,
      log: state.log,
      lease: LEASE,
      attentionAfterMs: 60_000,
      onEnded: async (_turn, outcome) => void state.ended.push(outcome),
      ...over,
    };
  }
  const answered = (
    turn: ClaimedTurn,
    over: Partial<AnswerTurnDeps> = {},
    signal = new AbortController().signal,
  ) => {
    const all = deps(over);
    return answerTurn(turn, holdLease(turn, state.clock.now(), all.lease, all), all, signal);
  };
  const shown = (text: string) => awaitCondition(() => state.delivery.texts.join('').includes(text));
  const stateOf = async (turn: ClaimedTurn) => (await turns.lookup.find(turn.id))?.state;
  /** Lets the state.clock run until `work` has state.ended. */
  async function inTime<T>(work: Promise<T>): Promise<T> {
    let over = false;
    const done = () => {
      over = true;
    };
    work.then(done, done);
    await awaitCondition(async () => {
      await state.clock.advance(1_000);
      return over;
    }, 1);
    return work;
  }

  return Object.assign(state, {
    record,
    conversation,
    deps,
    claim,
    claimed,
    change,
    takenOver,
    answered,
    shown,
    stateOf,
    inTime,
    database: () => database,
    turns: () => turns,
    memory: () => memory,
  });
}
