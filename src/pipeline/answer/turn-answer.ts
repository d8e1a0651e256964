import { ExpectedFailure } from '../../domain/failure.js';
import type { Persona } from '../../domain/persona.js';
import type { EffectiveSettings } from '../../domain/settings.js';
import { conversationLanguage } from '../../domain/text/language.js';
import { phrasesIn } from '../../domain/text/phrases.js';
import type { AnswerFacts, ClaimedTurn, GeneratedReply, TurnOutcome } from '../../domain/turn.js';
import type { Delivery } from '../../ports/delivery/delivery.js';
import type { EditBudget } from '../../ports/delivery/edit-budget.js';
import type { MemoryStore } from '../../ports/memory/memory-store.js';
import type { ModelRouter } from '../../ports/models/model-router.js';
import { type Metrics, NO_METRICS } from '../../ports/telemetry/metrics.js';
import { inSpan, type Span } from '../../ports/telemetry/tracing.js';
import type { TurnEvents } from '../../ports/turns/live-events.js';
import type { TurnClaims } from '../../ports/turns/turn-claims.js';
import { type HeldLease, LeaseLost } from '../reply/held-lease.js';
import { ReplyWriter } from '../reply/reply-writer.js';
import { type WatchedDelivery, watchDelivery } from '../reply/watch-delivery.js';
import { announceWork } from './announce-work.js';
import { type AttentionDeps, callAttention } from './call-attention.js';
import { endForgotten } from './end-forgotten.js';
import { generateInTries } from './generate-in-tries.js';
import { briefFor, type ReplyBrief, type ReplyProgress } from './generate-reply.js';
import { StopAsked } from './hold-lease.js';
import { brokenOff, replied, stopped, type TurnEnding } from './turn-ending.js';

export interface TurnAnswerDeps extends AttentionDeps {
  readonly claims: TurnClaims;
  readonly memory: MemoryStore;
  readonly settingsAt: (address: ClaimedTurn['address']) => Promise<EffectiveSettings>;
  readonly personas: ReadonlyMap<string, Persona>;
  readonly defaultPersona: Persona;
  readonly router: ModelRouter;
  readonly deliveries: ReadonlyMap<string, Delivery>;
  /** The environment variable that each platform's delivery needs, for the log. */
  readonly tokenVariables: ReadonlyMap<string, string>;
  readonly budget: EditBudget;
  readonly live: TurnEvents;
  /** Default: nothing is counted. */
  readonly metrics?: Metrics;
}

/** A turn claimed this often is given up: something about it, not about the platforms, brings its workers down. */
const MAX_ATTEMPTS = 100;

/** Attempts, over about three minutes, at a turn that fails by a bug: those behind it wait. */
const BUG_ATTEMPTS = 10;

/** The answering of one turn, while its lease holds. */
export class TurnAnswer {
  readonly #turn: ClaimedTurn;
  readonly #deps: TurnAnswerDeps;
  /** Aborts with the worker or the lease. */
  readonly #working: AbortSignal;
  readonly #lease: Pick<HeldLease, 'stopAsked' | 'check'>;
  readonly #span: Span;
  readonly #refused = new AbortController();
  #delivery: WatchedDelivery | null = null;
  #persona: string | null = null;

  /** @param span - what is traced of it stands within this */
  constructor(
    turn: ClaimedTurn,
    deps: TurnAnswerDeps,
    working: AbortSignal,
    lease: Pick<HeldLease, 'stopAsked' | 'check'>,
    span: Span,
  ) {
    this.#turn = turn;
    this.#deps = deps;
    this.#working = working;
    this.#lease = lease;
    this.#span = span;
  }

  /** What is known so far. */
  get facts(): AnswerFacts {
    return { persona: this.#persona, firstTextMs: this.#delivery?.firstTextMs ?? null };
  }

  /** @throws as `answerTurn` does; a lost lease throws LeaseLost */
  async run(): Promise<TurnOutcome> {
    const { platform } = this.#turn.target;
    const plain = this.#deps.deliveries.get(platform);
    if (!plain) return this.#undeliverable(platform);
    const delivery = watchDelivery(
      plain,
      this.#turn,
      this.#lease,
      this.#deps.clock,
      this.#metrics,
      this.#span,
    );
    this.#delivery = delivery;
    const writer = this.#writer(delivery);
    try {
      if (this.#turn.forgotten) return await endForgotten(this.#turn, writer, this.#deps, this.#working);
      if (this.#attempts > MAX_ATTEMPTS) return await this.#giveUp(writer, null);
      return await this.#deliver(delivery, writer);
    } catch (error) {
      this.#working.throwIfAborted();
      const bug = !(error instanceof ExpectedFailure) && !(error instanceof LeaseLost);
      if (bug && this.#attempts > BUG_ATTEMPTS) return await this.#giveUp(writer, error);
      throw error;
    } finally {
      await writer.stop();
    }
  }

  /** Leaves the turn to a worker that has the platform's token, for as long as there may be one. */
  #undeliverable(platform: string): TurnOutcome {
    const variable = this.#deps.tokenVariables.get(platform) ?? 'the platform’s token';
    const message = `this worker cannot reply on ${platform}: set ${variable} for it too`;
    this.#deps.log.error({ turnId: this.#turn.id, platform }, message);
    if (this.#attempts <= MAX_ATTEMPTS) throw new ExpectedFailure('setup', message, { retryable: true });
    return { state: 'failed', kind: 'setup', notice: '' };
  }

  get #metrics(): Metrics {
    return this.#deps.metrics ?? NO_METRICS;
  }

  /** Of this revision, about: each revision before took one attempt at least. */
  get #attempts(): number {
    return this.#turn.attempt - this.#turn.revision;
  }

  async #deliver(delivery: WatchedDelivery, writer: ReplyWriter): Promise<TurnOutcome> {
    const announced = new AbortController();
    const announcing = AbortSignal.any([this.#working, announced.signal]);
    void announceWork(this.#turn.target, delivery, writer, this.#deps, announcing);
    try {
      const brief = await inSpan(this.#span, 'read memory', {}, () => briefFor(this.#turn, this.#deps));
      this.#persona = brief.persona.name;
      const { view, outcome } = await this.#answer(brief, delivery, writer);
      announced.abort();
      const parts = await writer.finish(view);
      await callAttention(this.#turn, parts, delivery, this.#deps, this.#working);
      return outcome;
    } catch (error) {
      this.#working.throwIfAborted();
      if (!(error instanceof ExpectedFailure) || error.kind !== 'delivery-failed' || error.retryable)
        throw error;
      this.#deps.log.warn({ turnId: this.#turn.id, reason: error.reason, err: error }, 'reply not delivered');
      return { state: 'failed', kind: 'delivery-failed', notice: '' };
    } finally {
      announced.abort();
    }
  }

  /** Ends the turn, and says so where the platform takes it: those behind it have waited long enough. */
  async #giveUp(writer: ReplyWriter, error: unknown): Promise<TurnOutcome> {
    const { id: turnId, attempt, text } = this.#turn;
    this.#deps.log.error({ turnId, attempt, err: error }, 'turn given up');
    const { view, outcome } = brokenOff('', 'bug', phrasesIn(conversationLanguage('auto', [text])));
    try {
      await writer.finish(view);
    } catch (err) {
      this.#working.throwIfAborted();
      if (err instanceof LeaseLost) throw err;
      this.#deps.log.warn({ turnId, err }, 'the asker could not be told');
    }
    return outcome;
  }

  #writer(delivery: Delivery): ReplyWriter {
    const { claims, budget, clock } = this.#deps;
    return new ReplyWriter({
      identity: { turnId: this.#turn.id, revision: this.#turn.revision },
      target: this.#turn.target,
      firstAttempt: this.#turn.attempt === 1,
      parts: this.#turn.parts,
      delivery,
      budget,
      clock,
      record: (part) => claims.recordPart(this.#turn, part),
      forget: (index) => claims.removePart(this.#turn, index),
      onRefused: (failure) => this.#refused.abort(failure),
      signal: this.#working,
    });
  }

  async #answer(brief: ReplyBrief, delivery: WatchedDelivery, writer: ReplyWriter): Promise<TurnEnding> {
    const say = phrasesIn(brief.language);
    const progress: ReplyProgress = { text: '', deltas: 0, model: brief.alias, sampling: null };
    let reply: GeneratedReply;
    try {
      reply = this.#turn.kept ?? (await this.#generated(brief, progress, delivery, writer));
    } catch (error) {
      this.#working.throwIfAborted();
      this.#refused.signal.throwIfAborted();
      if (error instanceof StopAsked) return stopped(say);
      const kind = error instanceof ExpectedFailure ? error.kind : 'bug';
      // Not the model failed but the database: the turn runs again once that is back.
      if (kind === 'setup' && error instanceof ExpectedFailure && error.retryable) throw error;
      this.#deps.log[kind === 'bug' ? 'error' : 'warn'](
        { turnId: this.#turn.id, kind, err: error },
        'no reply',
      );
      return brokenOff(progress.text, kind, say, brief.settings.systemPrompt !== undefined);
    }
    if (!(await this.#deps.claims.keepReply(this.#turn, reply, this.facts))) throw new LeaseLost();
    return replied(brief, reply);
  }

  #generated(
    brief: ReplyBrief,
    progress: ReplyProgress,
    delivery: WatchedDelivery,
    writer: ReplyWriter,
  ): Promise<GeneratedReply> {
    const say = phrasesIn(brief.language);
    const watcher = {
      queued: (ahead: number) => {
        this.#deps.live.publish(this.#turn.id, { type: 'queued', ahead });
        writer.show({ type: 'placeholder', notice: say.queued(ahead) });
      },
      text: (text: string) => {
        delivery.textGrew();
        writer.show({ type: 'streaming', text });
      },
    };
    const signals = {
      working: this.#working,
      stopAsked: this.#lease.stopAsked,
      refused: this.#refused.signal,
    };
    return generateInTries(brief, progress, { ...this.#deps, watcher, span: this.#span }, signals);
  }
}
