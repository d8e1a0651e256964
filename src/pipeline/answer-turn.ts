import { ExpectedFailure } from '../domain/failure.js';
import { conversationLanguage } from '../domain/language.js';
import type { Persona } from '../domain/persona.js';
import { phrasesIn } from '../domain/phrases.js';
import type { EffectiveSettings } from '../domain/settings.js';
import type { ClaimedTurn, GeneratedReply, PostedPart, TurnOutcome } from '../domain/turn.js';
import type { Clock } from '../ports/clock.js';
import type { Delivery } from '../ports/delivery.js';
import type { EditBudget } from '../ports/edit-budget.js';
import type { LiveEvents } from '../ports/live-events.js';
import type { Log } from '../ports/log.js';
import type { MemoryStore } from '../ports/memory-store.js';
import type { ModelRouter } from '../ports/model-router.js';
import type { TurnStore } from '../ports/turn-store.js';
import { announceWork } from './announce-work.js';
import {
  briefFor,
  generateReply,
  type ReplyBrief,
  type ReplyProgress,
  stoppedReply,
} from './generate-reply.js';
import { holdLease, type LeaseTimes, StopAsked } from './hold-lease.js';
import { LeaseLost } from './lease-lost.js';
import { ReplyWriter } from './reply-writer.js';
import { brokenOff, replied, stopped, type TurnEnding } from './turn-ending.js';

export interface AnswerTurnDeps {
  readonly turns: TurnStore;
  readonly memory: MemoryStore;
  readonly settingsAt: (address: ClaimedTurn['address']) => Promise<EffectiveSettings>;
  readonly personas: ReadonlyMap<string, Persona>;
  readonly defaultPersona: Persona;
  readonly router: ModelRouter;
  readonly deliveries: ReadonlyMap<string, Delivery>;
  readonly budget: EditBudget;
  readonly live: LiveEvents;
  readonly clock: Clock;
  readonly log: Log;
  readonly lease: LeaseTimes;
  /** A reply that took longer calls the asker's attention, in ms; null turns it off. */
  readonly attentionAfterMs: number | null;
  /** Called after a turn has ended and been stored: the log export. It must not throw. */
  readonly onEnded: (turn: ClaimedTurn, outcome: TurnOutcome) => Promise<void>;
}

/** A turn claimed this often is given up: something about it, not about the platforms, brings its workers down. */
const MAX_ATTEMPTS = 100;

/** Attempts, over about three minutes, at a turn that fails by a bug: those behind it wait. */
const BUG_ATTEMPTS = 10;

/** Generations tried where the model's process dies while text is already shown. */
const GENERATION_TRIES = 3;

/**
 * Answers one claimed turn: prompt, model, delivery, memory. It may run again from the start at any point: parts and
 * the generated reply are stored as they come, and a second run edits the same messages.
 *
 * @throws {ExpectedFailure} retryable `delivery-failed` where the platform stays out of reach: the turn is pending again
 * @throws `signal.reason` on abort, after giving the turn back
 */
export async function answerTurn(
  turn: ClaimedTurn,
  deps: AnswerTurnDeps,
  signal: AbortSignal,
): Promise<void> {
  const lease = holdLease(turn, deps.lease, deps);
  const over = new AbortController();
  const working = AbortSignal.any([signal, lease.lost, over.signal]);
  try {
    const outcome = await new TurnAnswer(turn, deps, working, lease.stopAsked).run();
    if (await deps.turns.finish(turn, outcome)) {
      deps.live.publish(turn.id, { type: 'ended', outcome });
      await deps.onEnded(turn, outcome);
    }
  } catch (error) {
    if (error instanceof LeaseLost || lease.lost.aborted) return;
    await giveBack(turn, deps);
    throw error;
  } finally {
    lease.letGo();
    // Whatever still listens to `working` would keep it in memory for good.
    over.abort(new Error('the turn’s answering has ended'));
  }
}

/** A turn that cannot be given back is free again when its lease has run out. */
async function giveBack(turn: ClaimedTurn, { turns, log }: AnswerTurnDeps): Promise<void> {
  try {
    await turns.release(turn);
  } catch (error) {
    log.warn({ turnId: turn.id, err: error }, 'turn not given back: its lease must run out');
  }
}

/** The answering of one turn, while its lease holds. */
class TurnAnswer {
  readonly #turn: ClaimedTurn;
  readonly #deps: AnswerTurnDeps;
  /** Aborts with the worker or the lease. */
  readonly #working: AbortSignal;
  readonly #stopAsked: AbortSignal;
  readonly #refused = new AbortController();

  constructor(turn: ClaimedTurn, deps: AnswerTurnDeps, working: AbortSignal, stopAsked: AbortSignal) {
    this.#turn = turn;
    this.#deps = deps;
    this.#working = working;
    this.#stopAsked = stopAsked;
  }

  async run(): Promise<TurnOutcome> {
    const { platform } = this.#turn.target;
    const delivery = this.#deps.deliveries.get(platform);
    if (!delivery) {
      this.#deps.log.error({ turnId: this.#turn.id, platform }, 'no delivery: is the platform’s token set?');
      return { state: 'failed', kind: 'setup', notice: '' };
    }
    const writer = this.#writer(delivery);
    try {
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

  /** Of this revision, about: each revision before took one attempt at least. */
  get #attempts(): number {
    return this.#turn.attempt - this.#turn.revision;
  }

  async #deliver(delivery: Delivery, writer: ReplyWriter): Promise<TurnOutcome> {
    const announced = new AbortController();
    const announcing = AbortSignal.any([this.#working, announced.signal]);
    void announceWork(this.#turn.target, delivery, writer, this.#deps, announcing);
    try {
      const brief = await briefFor(this.#turn, this.#deps);
      const { view, outcome } = await this.#answer(brief, writer);
      announced.abort();
      const parts = await writer.finish(view);
      await this.#callAttention(delivery, parts);
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
    const { turns, budget, clock } = this.#deps;
    return new ReplyWriter({
      identity: { turnId: this.#turn.id, revision: this.#turn.revision },
      target: this.#turn.target,
      firstAttempt: this.#turn.attempt === 1,
      parts: this.#turn.parts,
      delivery,
      budget,
      clock,
      record: (part) => turns.recordPart(this.#turn, part),
      forget: (index) => turns.removePart(this.#turn, index),
      onRefused: (failure) => this.#refused.abort(failure),
      signal: this.#working,
    });
  }

  async #answer(brief: ReplyBrief, writer: ReplyWriter): Promise<TurnEnding> {
    const say = phrasesIn(brief.language);
    const progress: ReplyProgress = { text: '', deltas: 0, model: brief.alias, sampling: null };
    let reply: GeneratedReply;
    try {
      reply = this.#turn.kept ?? (await this.#generated(brief, progress, writer));
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
      return brokenOff(progress.text, kind, say);
    }
    if (!(await this.#deps.turns.keepReply(this.#turn, reply))) throw new LeaseLost();
    return replied(brief, reply);
  }

  /** Generates, again from the start where the model's process died under text already shown. */
  async #generated(brief: ReplyBrief, progress: ReplyProgress, writer: ReplyWriter): Promise<GeneratedReply> {
    const say = phrasesIn(brief.language);
    const signal = AbortSignal.any([this.#working, this.#stopAsked, this.#refused.signal]);
    const watcher = {
      queued: (ahead: number) => {
        this.#deps.live.publish(this.#turn.id, { type: 'queued', ahead });
        writer.show({ type: 'placeholder', notice: say.queued(ahead) });
      },
      text: (text: string) => writer.show({ type: 'streaming', text }),
    };
    for (let tries = 1; ; tries++) {
      try {
        signal.throwIfAborted();
        return await generateReply(brief, this.#deps, progress, watcher, signal);
      } catch (error) {
        if (error instanceof StopAsked || this.#stopAsked.aborted) {
          const partial = stoppedReply(progress);
          if (partial && !this.#working.aborted) return partial;
          throw this.#stopAsked.reason;
        }
        const died = error instanceof ExpectedFailure && error.kind === 'provider-unavailable';
        if (!died || progress.text === '' || tries === GENERATION_TRIES) throw error;
        this.#deps.log.warn({ turnId: this.#turn.id, tries, err: error }, 'generation starts again');
        progress.text = '';
        progress.deltas = 0;
      }
    }
  }

  async #callAttention(delivery: Delivery, parts: readonly PostedPart[]): Promise<void> {
    const { attentionAfterMs, clock, log } = this.#deps;
    const last = parts.at(-1);
    const tookMs = clock.now() - this.#turn.acceptedAt.getTime();
    // A regeneration was asked for long after the message: its asker is looking.
    if (attentionAfterMs === null || !last || tookMs < attentionAfterMs || this.#turn.revision > 0) return;
    try {
      await delivery.callAttention(this.#turn.target, this.#turn.id, last, this.#working);
    } catch (error) {
      this.#working.throwIfAborted();
      log.warn({ turnId: this.#turn.id, err: error }, 'attention not called');
    }
  }
}
