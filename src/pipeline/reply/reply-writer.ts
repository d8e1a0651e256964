import { ExpectedFailure } from '../../domain/failure.js';
import { type DeliveryTarget, type PostedPart, UNTOLD_MESSAGE } from '../../domain/turn.js';
import type { Delivery, PartDraft } from '../../ports/delivery/delivery.js';
import type { Charge, EditBudget } from '../../ports/delivery/edit-budget.js';
import type { Clock } from '../../ports/process/clock.js';
import { ChangeSignal } from './change-signal.js';
import { LeaseLost } from './held-lease.js';
import { appearance, draftParts, type ReplyIdentity, type ReplyView } from './reply-view.js';

export interface ReplyWriterOptions {
  readonly identity: ReplyIdentity;
  readonly target: DeliveryTarget;
  /** No attempt before this one can have posted anything. */
  readonly firstAttempt: boolean;
  /** Parts an earlier attempt or revision put on the platform: they are edited. */
  readonly parts: readonly PostedPart[];
  readonly delivery: Delivery;
  readonly budget: EditBudget;
  readonly clock: Clock;
  /** Stores a part's id before the next step; false where this attempt no longer holds the turn. */
  readonly record: (part: PostedPart) => Promise<boolean>;
  readonly forget: (index: number) => Promise<void>;
  /** Called once, when no more of this reply can be put on the platform, or another attempt holds the turn. */
  readonly onRefused: (failure: ExpectedFailure | LeaseLost) => void;
  readonly signal: AbortSignal;
}

/** Waits between tries at a platform that is out of reach, in ms; the last one repeats while the model writes. */
const RETRY_WAITS_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 60_000];

/**
 * Keeps the platform's messages equal to the newest view of a reply: posts what is missing, edits what differs, the
 * first part first. While the model writes, edits keep the budget's spacing and the latest text wins; the last view
 * goes ahead of other replies' edits and is tried until it lands.
 */
export class ReplyWriter {
  readonly #options: ReplyWriterOptions;
  readonly #stopping = new AbortController();
  /** Aborts with the caller's, or when the writer is stopped. */
  readonly #signal: AbortSignal;
  readonly #posted: PostedPart[];
  /** Appearance of each posted part; undefined where it isn't known. */
  readonly #shown: (string | undefined)[];
  readonly #running: Promise<void>;
  readonly #hurry = new AbortController();
  readonly #changes = new ChangeSignal();
  /** Parts whose posting was tried: the platform may hold them even where no id came back. */
  readonly #tried = new Set<number>();
  #view: ReplyView = { type: 'nothing' };
  #finishing = false;
  #lastEditAt = Number.NEGATIVE_INFINITY;

  constructor(options: ReplyWriterOptions) {
    this.#options = options;
    this.#signal = AbortSignal.any([options.signal, this.#stopping.signal]);
    this.#posted = options.parts.filter(({ messageId }) => messageId !== UNTOLD_MESSAGE);
    this.#shown = this.#posted.map(() => undefined);
    for (const { index, messageId } of options.parts)
      if (messageId === UNTOLD_MESSAGE) this.#tried.add(index);
    this.#running = this.#run();
    this.#running.catch(() => {}); // finish() hands the failure on
  }

  /** True once something of this reply is on the platform. */
  get visible(): boolean {
    return this.#posted.length > 0;
  }

  /** Shows `view` unless something was to be shown already. */
  showFirst(view: ReplyView): void {
    if (this.#view.type === 'nothing') this.show(view);
  }

  show(view: ReplyView): void {
    this.#view = view;
    this.#changes.notify();
  }

  /**
   * Puts the last view on the platform and resolves when it is there.
   *
   * @returns the parts, first to last
   * @throws {ExpectedFailure} `delivery-failed` where the platform refuses, or stays out of reach for about 2 minutes
   * @throws `signal.reason` on abort
   */
  async finish(view: Extract<ReplyView, { type: 'final' }>): Promise<readonly PostedPart[]> {
    this.#finishing = true;
    this.show(view);
    this.#hurry.abort();
    await this.#running;
    return this.#posted;
  }

  /** Writes no more, whatever was to be shown. Resolves when nothing is under way. May be called twice. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the reply’s writer was stopped'));
    await this.#running.catch(() => {});
  }

  async #run(): Promise<void> {
    let failures = 0;
    for (;;) {
      this.#signal.throwIfAborted();
      const last = this.#finishing; // before the step: the last view may arrive while it runs
      try {
        const progressed = await this.#step();
        failures = 0;
        if (progressed) continue;
        if (last) return;
        await this.#changes.next(this.#signal);
      } catch (error) {
        if (this.#signal.aborted) throw error;
        const wait = RETRY_WAITS_MS[failures] ?? (this.#finishing ? undefined : RETRY_WAITS_MS.at(-1));
        failures += 1;
        const retry =
          error instanceof ExpectedFailure && error.reason === 'unavailable' && wait !== undefined;
        if (!retry) {
          if (error instanceof ExpectedFailure || error instanceof LeaseLost) this.#options.onRefused(error);
          throw error;
        }
        await this.#pause(Math.max(wait, error.retryAfterMs ?? 0), this.#finishing);
      }
    }
  }

  /** Does the one thing that brings the platform nearer to the view; false where there is nothing to do. */
  async #step(): Promise<boolean> {
    const { delivery, target } = this.#options;
    let draft = this.#nextDraft();
    if (!draft) return this.#removeSurplus();
    const posted = this.#posted[draft.index];
    if (!posted) {
      await this.#post(draft);
      return true;
    }
    const charge = await this.#charge(posted, draft);
    if (charge === null) return true; // the view is final now: look again
    draft = this.#nextDraft();
    const current = draft && this.#posted[draft.index];
    if (!draft || !current) return true;
    // Text moved on meanwhile, and this edit is one of another kind.
    if (delivery.budget(target, { posted: current, part: draft }).key !== charge.key) return true;
    this.#shown[draft.index] = undefined; // until the platform has answered, what it shows isn't known
    const part = await this.#editOrReplace(current, draft);
    await this.#recorded(part, draft);
    return true;
  }

  async #post(draft: PartDraft): Promise<void> {
    const { delivery, target, firstAttempt } = this.#options;
    const tried = this.#tried.has(draft.index);
    // Each answer has a first part. Any other must be known of before it is there: who takes over may need fewer.
    if (draft.index > 0 && !tried) await this.#store({ index: draft.index, messageId: UNTOLD_MESSAGE });
    this.#tried.add(draft.index);
    const certainlyNew = firstAttempt && !tried;
    const others = this.#posted.map(({ messageId }) => messageId);
    const part = await delivery.post(target, { ...draft, certainlyNew, others }, this.#signal);
    await this.#recorded(part, draft);
  }

  /** A second answer to a reply that was deleted since stands in a new message. */
  async #editOrReplace(current: PostedPart, draft: PartDraft): Promise<PostedPart> {
    const { delivery, target, identity, parts } = this.#options;
    try {
      return await delivery.edit(target, current, draft, this.#signal);
    } catch (error) {
      const earlier = identity.revision > 0 && parts.some((part) => part.messageId === current.messageId);
      if (!earlier || !(error instanceof ExpectedFailure) || error.reason !== 'gone') throw error;
      return delivery.post(target, draft, this.#signal);
    }
  }

  #nextDraft(): PartDraft | undefined {
    const drafts = draftParts(this.#options.identity, this.#view, this.#options.delivery.partLimit);
    return drafts.find((draft) => this.#shown[draft.index] !== appearance(draft));
  }

  async #recorded(part: PostedPart, draft: PartDraft): Promise<void> {
    const known = this.#posted[part.index]?.messageId === part.messageId;
    this.#posted[part.index] = part;
    this.#shown[part.index] = appearance(draft);
    this.#lastEditAt = this.#options.clock.now();
    if (!known) await this.#store(part);
  }

  async #store(part: PostedPart): Promise<void> {
    if (!(await this.#options.record(part))) throw new LeaseLost();
  }

  /** Waits for the spacing and the budget. Null where the wait was cut short because the view became final. */
  async #charge(posted: PostedPart, part: PartDraft): Promise<Charge | null> {
    const { delivery, target, clock } = this.#options;
    const signal = this.#signal;
    const charge = delivery.budget(target, { posted, part });
    if (this.#finishing) {
      await this.#take(charge, true, signal);
      return charge;
    }
    const spacing = this.#lastEditAt + charge.rate.perMs / charge.rate.edits - clock.now();
    const hurried = AbortSignal.any([signal, this.#hurry.signal]);
    try {
      if (spacing > 0) await clock.sleep(spacing, hurried);
      await this.#take(charge, false, hurried);
      return charge;
    } catch (error) {
      signal.throwIfAborted();
      if (this.#hurry.signal.aborted) return null;
      throw error;
    }
  }

  async #take(charge: Charge, urgent: boolean, signal: AbortSignal): Promise<void> {
    await this.#options.budget.take(charge.key, charge.rate, urgent, signal);
    if (charge.within) await this.#take(charge.within, urgent, signal);
  }

  /** A second answer may need fewer messages than the first. */
  async #removeSurplus(): Promise<boolean> {
    const { delivery, target, identity } = this.#options;
    if (this.#view.type !== 'final') return false;
    const needed = draftParts(identity, this.#view, delivery.partLimit).length;
    const index = this.#posted.length;
    if (index >= needed && this.#tried.has(index)) {
      // It may be there. To post it again is to find it; where it is not, it shows for a moment.
      const others = this.#posted.map(({ messageId }) => messageId);
      const found = { ...identity, index, others, text: '…', state: 'final', controls: 'none' } as const;
      this.#posted[index] = await delivery.post(target, found, this.#signal);
    }
    const surplus = this.#posted.length > needed ? this.#posted.at(-1) : undefined;
    if (!surplus) return false;
    await delivery.remove(target, surplus, this.#signal);
    await this.#options.forget(surplus.index);
    this.#posted.pop();
    this.#shown.length = this.#posted.length;
    this.#tried.delete(surplus.index);
    return true;
  }

  async #pause(ms: number, whole: boolean): Promise<void> {
    const { clock } = this.#options;
    const signal = this.#signal;
    try {
      await clock.sleep(ms, whole ? signal : AbortSignal.any([signal, this.#hurry.signal]));
    } catch (error) {
      if (whole || signal.aborted) throw error;
    }
  }
}
