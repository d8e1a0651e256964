import { createWebDelivery } from '../../../../adapters/web/web-delivery.js';
import { addressKey } from '../../../../src/domain/address.js';
import { phrasesIn } from '../../../../src/domain/text/phrases.js';
import type {
  DeliveryTarget,
  GeneratedReply,
  IncomingMessage,
  PostedPart,
  TurnId,
  TurnOutcome,
} from '../../../../src/domain/turn.js';
import { localLiveEvents } from '../../../../src/exchange/local-live-events.js';
import type { ConversationList, ListedConversation } from '../../../../src/ports/memory/conversation-list.js';
import type { HistoryReader, HistoryTurn } from '../../../../src/ports/memory/history-reader.js';
import type { ModelSummary } from '../../../../src/ports/models/model-router.js';
import type {
  Acceptance,
  CommandInvocation,
  CommandReply,
  Inbox,
} from '../../../../src/ports/turns/inbox.js';
import type { TurnEvent, TurnEvents } from '../../../../src/ports/turns/live-events.js';
import type { PlatformLookup } from '../../../../src/ports/turns/platform-lookup.js';
import type { Regeneration, TurnActions } from '../../../../src/ports/turns/turn-actions.js';
import type { TurnView } from '../../../../src/ports/turns/turn-lookup.js';
import { RecordedLog } from '../../../doubles/recorders/recorded-log.js';

/** The live events of one process, with a look at who watches, and a way to lose some. */
export class LocalEvents implements TurnEvents {
  readonly #events = localLiveEvents(new RecordedLog());
  readonly #watchers = new Map<TurnId, number>();
  /** While true, what is published is lost. */
  losing = false;

  publish(turnId: TurnId, event: TurnEvent): void {
    if (!this.losing) this.#events.publish(turnId, event);
  }

  async subscribe(turnId: TurnId, listener: (event: TurnEvent) => void): Promise<() => void> {
    const end = await this.#events.subscribe(turnId, listener);
    this.#watchers.set(turnId, this.watchers(turnId) + 1);
    return () => {
      this.#watchers.set(turnId, this.watchers(turnId) - 1);
      end();
    };
  }

  /** For who listens without watching: the delivery. */
  get uncounted(): TurnEvents {
    return {
      publish: (turnId, event) => this.publish(turnId, event),
      subscribe: (turnId, listener) => this.#events.subscribe(turnId, listener),
    };
  }

  watchers(turnId: TurnId): number {
    return this.#watchers.get(turnId) ?? 0;
  }

  stop(): Promise<void> {
    return this.#events.stop();
  }
}

export const reply = (text: string, changes: Partial<GeneratedReply> = {}): TurnOutcome => ({
  state: 'done',
  reply: text,
  model: 'small',
  finishReason: 'stop',
  usage: { prompt: 12, cached: 4, reply: 7 },
  sampling: { temperature: 0.7, topK: 40, topP: 1, minP: 0, repeatPenalty: 1, maxTokens: 64, stop: [] },
  timeToFirstTokenMs: 20,
  tokensPerSecond: 50,
  ...changes,
});

/** One turn, as the pipeline would treat it. */
export class ScriptedTurn {
  readonly id: TurnId;
  readonly message: IncomingMessage;
  revision = 0;
  outcome: TurnOutcome | null = null;
  readonly #bot: ScriptedBot;
  #posted: PostedPart | null = null;

  constructor(bot: ScriptedBot, id: TurnId, message: IncomingMessage) {
    this.#bot = bot;
    this.id = id;
    this.message = message;
  }

  /** Delivers the whole reply so far, as the pipeline does. */
  async write(text: string): Promise<void> {
    const { delivery } = this.#bot;
    const draft = {
      turnId: this.id,
      revision: this.revision,
      index: 0,
      text,
      state: 'streaming',
      controls: 'stop',
    } as const;
    const signal = new AbortController().signal;
    this.#posted = this.#posted
      ? await delivery.edit(this.message.target, this.#posted, draft, signal)
      : await delivery.post(this.message.target, draft, signal);
  }

  end(outcome: TurnOutcome): void {
    this.outcome = outcome;
    this.#bot.liveEvents.publish(this.id, { type: 'ended', outcome });
  }

  /** Resolves when this many clients watch the turn. */
  async watchedBy(count: number): Promise<void> {
    await until(() => this.#bot.liveEvents.watchers(this.id) === count);
  }
}

/** Everything behind the HTTP API, played by the test. */
export class ScriptedBot {
  readonly liveEvents = new LocalEvents();
  readonly delivery = createWebDelivery({ liveEvents: this.liveEvents.uncounted });
  readonly turns: ScriptedTurn[] = [];
  readonly stopped: TurnId[] = [];
  readonly regenerated: TurnId[] = [];
  readonly votes: unknown[] = [];
  readonly commands: CommandInvocation[] = [];
  readonly cleared: number[] = [];
  readonly clearedGiven: number[] = [];
  ahead = 0;
  /** What the next messages meet instead of being accepted. */
  refusal: Acceptance | null = null;
  failure: Error | null = null;
  regenerationRefused: Regeneration | null = null;
  language: 'auto' | 'en' | 'zh' = 'auto';
  commandReply: CommandReply = { type: 'notice', text: 'Done.', audience: 'asker' };
  /** Called as soon as a turn is recorded, before the client waits for it. */
  onAccepted: (turn: ScriptedTurn) => void = () => {};
  findFailure: Error | null = null;
  /** How often a turn was read from the database. */
  reads = 0;
  models: ModelSummary[] = [];
  history: HistoryTurn[] = [];

  /** The turn with this number, counted from 0, once it was accepted. */
  async turn(index = 0): Promise<ScriptedTurn> {
    await until(() => this.turns.length > index);
    const turn = this.turns[index];
    if (!turn) throw new Error('unreachable');
    return turn;
  }

  accept(message: IncomingMessage): Acceptance {
    if (this.failure) throw this.failure;
    if (this.refusal) return this.refusal;
    const known = this.turns.find((turn) => turn.message.key === message.key);
    if (known) return { type: 'duplicate', turnId: known.id, conversationId: 1 };
    const turn = new ScriptedTurn(this, this.turns.length + 101, message);
    this.turns.push(turn);
    this.onAccepted(turn);
    return { type: 'accepted', turnId: turn.id, conversationId: 1, ahead: this.ahead };
  }

  readonly inbox: Pick<Inbox, 'accept' | 'command'> = {
    accept: async (message) => this.accept(message),
    command: async (invocation) => {
      this.commands.push(invocation);
      if (invocation.name !== 'ask') return this.commandReply;
      const { address, author, message } = invocation;
      const text = String(invocation.values['question']);
      return { type: 'turn', acceptance: this.accept({ ...message, address, author, text }) };
    },
  };

  readonly lookup: Pick<PlatformLookup, 'settings'> = {
    settings: async () => ({
      model: 'small',
      persona: 'assistant',
      language: this.language,
      memory: 'channel',
      followThreads: false,
      sampling: {},
    }),
  };

  readonly actions: Pick<TurnActions, 'stop' | 'regenerate' | 'vote'> = {
    stop: async (turnId) => {
      this.stopped.push(turnId);
      return this.#find(turnId)?.outcome === null;
    },
    regenerate: async (turnId, language) => {
      const turn = this.#find(turnId);
      if (this.regenerationRefused) return this.regenerationRefused;
      if (!turn?.outcome) {
        return { type: 'refused', reason: 'not-finished', text: phrasesIn(language).refused.notFinished };
      }
      this.regenerated.push(turnId);
      turn.outcome = null;
      turn.revision += 1;
      return { type: 'accepted' };
    },
    vote: async (turnId, author, vote, comment) =>
      void this.votes.push({ turnId, author, vote, ...(comment !== undefined && { comment }) }),
  };

  readonly turnStore = {
    find: async (turnId: TurnId): Promise<TurnView | null> => {
      this.reads += 1;
      if (this.findFailure) throw this.findFailure;
      const turn = this.#find(turnId);
      return turn ? view(turn) : null;
    },
    unfinished: async () => this.turns.filter((turn) => turn.outcome === null).map(view),
  };

  readonly memory = {
    find: async (key: string) =>
      this.turns.some((turn) => addressKey(turn.message.address) === key) ? 1 : null,
    clear: async (conversationId: number) => {
      this.cleared.push(conversationId);
      return this.turns.length;
    },
    /** How old, in ms, what is left of given prompts has to be. */
    clearGiven: async (olderThanMs: number) => {
      this.clearedGiven.push(olderThanMs);
      return 0;
    },
  };

  /** Conversations on the list, by key. */
  readonly listed = new Map<string, ListedConversation>();
  readonly unlisted: string[] = [];
  /** Keys whose settings were forgotten. */
  readonly unset: string[] = [];
  readonly searches: unknown[] = [];
  readonly conversationList: ConversationList = {
    page: async (authorKey, _within, options) => {
      this.searches.push({ authorKey, ...options });
      return { conversations: [...this.listed.values()], earlier: null };
    },
    find: async (key) => this.listed.get(key) ?? null,
    rename: async (key, title) => {
      const known = this.listed.get(key);
      if (known) this.listed.set(key, { ...known, title });
      return known !== undefined;
    },
    unlist: async (key) => void this.unlisted.push(key),
  };

  readonly historyReader: HistoryReader = {
    page: async (key, { before = Number.POSITIVE_INFINITY, limit }) => {
      if ((await this.memory.find(key)) === null) return null;
      const earlier = this.history.filter((turn) => turn.id < before);
      const turns = earlier.slice(-limit);
      return { turns, earlier: earlier.length > turns.length ? (turns[0]?.id ?? null) : null };
    },
    walk: async (key, { most }) => {
      if ((await this.memory.find(key)) === null) return null;
      const turns = this.history.slice(-most);
      return {
        isWhole: turns.length === this.history.length,
        turns: (async function* () {
          yield* turns;
        })(),
      };
    },
    target: async (turnId): Promise<DeliveryTarget | null> => this.#find(turnId)?.message.target ?? null,
  };

  #find(turnId: TurnId): ScriptedTurn | undefined {
    return this.turns.find((turn) => turn.id === turnId);
  }
}

function view(turn: ScriptedTurn): TurnView {
  const state = turn.outcome?.state ?? 'running';
  return { id: turn.id, conversationId: 1, state, authorKey: turn.message.author.key, outcome: turn.outcome };
}

/** Resolves once `condition` holds; looks each time sockets and promises have had their turn. */
export async function until(condition: () => boolean): Promise<void> {
  const giveUp = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > giveUp) throw new Error(`never came true: ${condition}`);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
