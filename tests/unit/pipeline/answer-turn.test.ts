import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ExpectedFailure } from '../../../src/domain/failure.js';
import { phrasesIn } from '../../../src/domain/phrases.js';
import { DEFAULT_SAMPLING } from '../../../src/domain/sampling.js';
import type { ClaimedTurn, ConversationId, TurnOutcome } from '../../../src/domain/turn.js';
import { type AnswerTurnDeps, answerTurn } from '../../../src/pipeline/answer-turn.js';
import { assistant } from '../../../src/pipeline/personas/assistant.js';
import type { RoutedPart } from '../../../src/ports/model-router.js';
import type { TurnStore } from '../../../src/ports/turn-store.js';
import { localLiveEvents } from '../../../src/queue/local-live-events.js';
import type { Database } from '../../../src/storage/database.js';
import { openEmbedded } from '../../../src/storage/embedded/open-embedded.js';
import { PrismaMemoryStore } from '../../../src/storage/memory-store.js';
import { PrismaTurnStore } from '../../../src/storage/turn-store.js';
import { systemClock } from '../../../src/system-clock.js';
import { awaitCondition } from '../../doubles/await-condition.js';
import { deferred } from '../../doubles/deferred.js';
import { FakeClock } from '../../doubles/fake-clock.js';
import { RecordedLog } from '../../doubles/recorded-log.js';
import { RecordingDelivery } from '../../doubles/recording-delivery.js';

/** One request to the model. */
type Speech = (signal: AbortSignal) => AsyncIterable<RoutedPart>;

const say = phrasesIn('en');
const BEGIN: RoutedPart = { type: 'model', alias: 'scripted', sampling: DEFAULT_SAMPLING };
const END: RoutedPart = {
  type: 'finish',
  reason: 'stop',
  usage: { prompt: 10, cached: 0, reply: 2 },
  timeToFirstTokenMs: 5,
  tokensPerSecond: 50,
};
/** So long that a query, which takes real time, never comes too late for a clock that a test moves by hours. */
const LEASE = { leaseMs: 3_600_000, renewEveryMs: 1_000 };
const gone = () => new ExpectedFailure('delivery-failed', 'deleted', { reason: 'gone' });
const away = () => new ExpectedFailure('delivery-failed', 'away', { reason: 'unavailable' });
const crashed = () => new ExpectedFailure('provider-unavailable', 'the engine ended');
const databaseAway = () => new ExpectedFailure('setup', 'the database is out of reach', { retryable: true });

/** Says `text`, then whatever `then` resolves to: the end, or a failure. */
function speech(text: string, then: () => Promise<unknown> = async () => {}): Speech {
  return async function* (signal) {
    yield BEGIN;
    yield { type: 'delta', text };
    await then();
    signal.throwIfAborted();
    yield END;
  };
}

const failing = (text: string, error: Error) => speech(text, () => Promise.reject(error));

/** Says `text` and nothing more until it is stopped. */
function endless(text: string, onStopped: () => void = () => {}): Speech {
  return async function* (signal) {
    yield BEGIN;
    yield { type: 'delta', text };
    await new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    }).finally(onStopped);
  };
}

/** A store some of whose methods fail. */
function brokenStore(store: PrismaTurnStore, broken: Partial<TurnStore>): TurnStore {
  return new Proxy<TurnStore>(store, {
    get(_proxied, name) {
      const method: unknown = Reflect.get(broken, name) ?? Reflect.get(store, name);
      return typeof method === 'function' ? method.bind(store) : method;
    },
  });
}

describe('answerTurn', () => {
  let database: Database;
  let turns: PrismaTurnStore;
  let memory: PrismaMemoryStore;
  let clock: FakeClock;
  let delivery: RecordingDelivery;
  let log: RecordedLog;
  let speeches: Speech[];
  let asked: number;
  let ended: TurnOutcome[];
  let messages = 0;

  beforeAll(async () => {
    database = await openEmbedded({ dataDir: null, clock: systemClock, log: new RecordedLog() });
    turns = new PrismaTurnStore(database.prisma);
    memory = new PrismaMemoryStore(database.prisma, () => {});
  });
  afterAll(() => database.stop());
  beforeEach(() => {
    clock = new FakeClock(Date.now());
    delivery = new RecordingDelivery();
    log = new RecordedLog();
    speeches = [];
    asked = 0;
    ended = [];
  });

  async function record(): Promise<{ turnId: number; conversationId: ConversationId }> {
    messages += 1;
    const channel = `channel-${messages}`;
    return turns.record(
      {
        key: `discord/app/${channel}/1`,
        platformMessageId: '1',
        address: { platform: 'discord', app: 'app', workspace: 'guild', channel, kind: 'channel' },
        author: { key: 'discord/ada', id: 'ada', name: 'Ada' },
        text: 'What is it?',
        target: { platform: 'discord', channel },
      },
      'channel',
    );
  }
  async function claim(conversationId: ConversationId, owner = 'one'): Promise<ClaimedTurn> {
    const turn = await turns.claimNext(conversationId, owner, LEASE.leaseMs);
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

  function deps(over: Partial<AnswerTurnDeps> = {}): AnswerTurnDeps {
    return {
      turns,
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
          asked += 1;
          const next = speeches.shift();
          if (!next) throw new Error('the model was asked too often');
          return next(signal);
        },
      },
      deliveries: new Map([['discord', delivery]]),
      budget: { take: async () => {}, pause: () => {} },
      live: localLiveEvents(log),
      clock,
      log,
      lease: LEASE,
      attentionAfterMs: 60_000,
      onEnded: async (_turn, outcome) => void ended.push(outcome),
      ...over,
    };
  }
  const answered = (
    turn: ClaimedTurn,
    over: Partial<AnswerTurnDeps> = {},
    signal = new AbortController().signal,
  ) => answerTurn(turn, deps(over), signal);
  const shown = (text: string) => awaitCondition(() => delivery.texts.join('').includes(text));
  const stateOf = async (turn: ClaimedTurn) => (await turns.find(turn.id))?.state;
  /** Lets the clock run until `work` has ended. */
  async function inTime<T>(work: Promise<T>): Promise<T> {
    let over = false;
    const done = () => {
      over = true;
    };
    work.then(done, done);
    await awaitCondition(async () => {
      await clock.advance(1_000);
      return over;
    }, 1);
    return work;
  }

  test('answers, stores what it said, and leaves nothing running', async () => {
    speeches = [speech('Forty-two.')];
    const turn = await claimed();
    await answered(turn);
    expect(delivery.texts).toEqual(['Forty-two.']);
    expect((await turns.find(turn.id))?.outcome).toMatchObject({ state: 'done', reply: 'Forty-two.' });
    expect(ended).toMatchObject([{ state: 'done' }]);
    expect(clock.sleeping).toBe(0);
  });

  test('asks no model where a person stopped the turn before it was claimed', async () => {
    const { turnId, conversationId } = await record();
    await turns.requestStop(turnId);
    await answered(await claim(conversationId));
    expect(delivery.texts).toEqual([say.stopped]);
    expect(ended).toEqual([{ state: 'cancelled' }]);
    expect(asked).toBe(0);
  });

  test('keeps what was said until a person stopped it', async () => {
    speeches = [endless('So far')];
    const turn = await claimed();
    const answering = answered(turn);
    await shown('So far');
    await turns.requestStop(turn.id);
    await inTime(answering);
    expect(ended).toMatchObject([{ state: 'done', reply: 'So far', finishReason: 'stopped' }]);
  });

  test('begins again in the same message where the model dies under text already shown, three times at most', async () => {
    speeches = [failing('One', crashed()), failing('Two', crashed()), speech('Three.')];
    await answered(await claimed());
    expect(delivery.texts).toEqual(['Three.']);
    expect([...delivery.messages.keys()]).toHaveLength(1);

    speeches = [failing('One', crashed()), failing('Two', crashed()), failing('Three', crashed())];
    delivery = new RecordingDelivery();
    await answered(await claimed());
    expect(delivery.texts).toEqual([`Three\n\n${say.cutShort}`]);
    expect(ended.at(-1)).toMatchObject({ state: 'failed', kind: 'provider-unavailable' });
    expect(asked).toBe(6);
  });

  test('ends the generation where the platform refuses the reply', async () => {
    const stopped = deferred();
    speeches = [endless('Nobody reads this', stopped.resolve)];
    delivery.failures.push({ error: gone() });
    await answered(await claimed());
    await stopped.promise;
    expect(ended).toEqual([{ state: 'failed', kind: 'delivery-failed', notice: '' }]);
  });

  test('gives the turn back where the platform stays away; later the kept reply goes out, and no model is asked', async () => {
    speeches = [speech('Forty-two.')];
    for (let i = 0; i < 12; i++) delivery.failures.push({ error: away() });
    const turn = await claimed();
    await expect(inTime(answered(turn))).rejects.toMatchObject({ kind: 'delivery-failed', retryable: true });
    expect(await stateOf(turn)).toBe('pending');
    expect(ended).toEqual([]);

    delivery.failures.length = 0;
    await answered(await claim(turn.conversationId));
    expect(delivery.texts).toEqual(['Forty-two.']);
    expect(ended).toMatchObject([{ state: 'done', reply: 'Forty-two.' }]);
    expect(asked).toBe(1);
  });

  test('touches nothing once the heartbeat finds that another worker took over', async () => {
    speeches = [endless('Half')];
    const turn = await claimed();
    const answering = answered(turn);
    await shown('Half');
    await takenOver(turn);
    const before = delivery.calls.length;
    await inTime(answering);
    await clock.advance(60_000);
    expect(delivery.calls).toHaveLength(before);
    expect(await stateOf(turn)).toBe('running');
    expect(ended).toEqual([]);
  });

  test('touches nothing where its reply is ready before the heartbeat tells that another worker took over', async () => {
    const takeover = deferred();
    speeches = [
      async function* () {
        yield* [BEGIN, { type: 'delta', text: 'Half' }] as const;
        await takeover.promise;
        yield* [{ type: 'delta', text: ' of it.' }, END] as const;
      },
    ];
    const turn = await claimed();
    const answering = answered(turn);
    await shown('Half');
    const second = await takenOver(turn);
    takeover.resolve();
    await answering;
    expect(delivery.texts).toEqual(['Half']);
    expect(log.lines.filter(({ level }) => level === 'error')).toEqual([]);
    speeches = [speech('Whole.')];
    await answered(second);
    expect(delivery.texts).toEqual(['Whole.']);
    expect(ended).toMatchObject([{ state: 'done', reply: 'Whole.' }]);
  });

  test('ends the generation where another worker took over before the first message was stored', async () => {
    const stopped = deferred();
    speeches = [endless('Half', stopped.resolve)];
    const turn = await claimed();
    await takenOver(turn);
    await answered(turn);
    await stopped.promise;
    expect(delivery.calls.filter(({ type }) => type !== 'working')).toHaveLength(1);
    expect(ended).toEqual([]);
  });

  test('runs again, and says nothing of it, where the database fails while the reply is kept', async () => {
    speeches = [speech('Forty-two.'), speech('Forty-three.')];
    const turn = await claimed();
    const broken = {
      keepReply: () => Promise.reject(databaseAway()),
      release: () => Promise.reject(new Error('the database is still out of reach')),
    };
    const failing = answered(turn, { turns: brokenStore(turns, broken) });
    await expect(failing).rejects.toThrow('the database is out of reach');
    const before = delivery.calls.length;
    await clock.advance(60_000);
    expect(delivery.calls).toHaveLength(before);
    expect(delivery.texts.join()).not.toContain(say.cutShort);
    expect(clock.sleeping).toBe(0);

    await answered(await takenOver(turn));
    expect(delivery.texts).toEqual(['Forty-three.']);
  });

  test('runs again where the database fails while the model writes, with nothing under way when it is given back', async () => {
    let underWay = 0;
    const posting = deferred();
    delivery.post = async (_target, _draft, signal) => {
      underWay += 1;
      posting.resolve();
      return new Promise((_resolve, reject) => {
        const end = () => {
          underWay -= 1;
          reject(signal.reason);
        };
        signal.addEventListener('abort', end, { once: true });
      });
    };
    let left: number | undefined;
    const release = async (turn: ClaimedTurn) => {
      left = underWay;
      await turns.release(turn);
    };
    speeches = [speech('Forty', () => posting.promise.then(() => Promise.reject(databaseAway())))];
    const turn = await claimed();
    const failing = answered(turn, { turns: brokenStore(turns, { release }) });
    await expect(failing).rejects.toThrow('the database is out of reach');
    expect(left).toBe(0);
    expect(await stateOf(turn)).toBe('pending');
  });

  test('gives the turn back when the worker stops, and the next one edits the same message', async () => {
    speeches = [endless('Half'), speech('Whole.')];
    const turn = await claimed();
    const stopping = new AbortController();
    const answering = answered(turn, {}, stopping.signal);
    await shown('Half');
    stopping.abort(new Error('the worker stops'));
    await expect(answering).rejects.toThrow('the worker stops');
    expect(await stateOf(turn)).toBe('pending');
    await answered(await claim(turn.conversationId, 'two'));
    expect(delivery.texts).toEqual(['Whole.']);
    expect(delivery.messages.size).toBe(1);
  });

  test('stores nothing of a reply whose conversation was cleared meanwhile, and stops it', async () => {
    speeches = [endless('A secret')];
    const turn = await claimed();
    const answering = answered(turn);
    await shown('A secret');
    await memory.clear(turn.conversationId);
    await inTime(answering);
    const row = await database.prisma.turn.findUnique({ where: { id: turn.id } });
    expect(row).toMatchObject({ reply: '', forgotten: true, state: 'done' });
    expect(await memory.window(turn.conversationId, turn.id + 1, 10)).toEqual([]);
  });

  test('calls the asker’s attention once, after a reply that took over a minute', async () => {
    const minute = deferred();
    speeches = [speech('Slowly.', () => minute.promise), speech('Quickly.')];
    const turn = await claimed();
    const answering = answered(turn);
    await shown('Slowly.');
    await clock.advance(61_000);
    minute.resolve();
    await inTime(answering);
    expect(delivery.calls.slice(-2).map(({ type }) => type)).toEqual(['edit', 'attention']);

    clock = new FakeClock(Date.now());
    await answered(await claimed());
    expect(delivery.calls.filter(({ type }) => type === 'attention')).toHaveLength(1);
  });

  test('gives a turn up that was claimed over a hundred times, and tells the asker', async () => {
    const { turnId, conversationId } = await record();
    await change(turnId, { attempt: 100 });
    await answered(await claim(conversationId));
    expect(delivery.texts).toEqual([say.failed('bug')]);
    expect(ended).toEqual([{ state: 'failed', kind: 'bug', notice: say.failed('bug') }]);
    expect(asked).toBe(0);
  });

  test('does not count against a turn how often a person asked for another answer', async () => {
    const { turnId, conversationId } = await record();
    await change(turnId, { attempt: 150, revision: 149 });
    speeches = [speech('Once more.')];
    await answered(await claim(conversationId));
    expect(ended).toMatchObject([{ state: 'done' }]);
  });

  test('tries again after a bug, ten times, and then lets the turns behind have their way', async () => {
    const bug = async () => {
      throw new TypeError('no such thing');
    };
    const { turnId, conversationId } = await record();
    await change(turnId, { attempt: 9 });
    await expect(answered(await claim(conversationId), { settingsAt: bug })).rejects.toThrow(TypeError);
    expect(await turns.find(turnId)).toMatchObject({ state: 'pending' });
    await answered(await claim(conversationId), { settingsAt: bug });
    expect(ended).toMatchObject([{ state: 'failed', kind: 'bug' }]);
    expect(await turns.claimNext(conversationId, 'one', LEASE.leaseMs)).toBeNull();
  });
});
