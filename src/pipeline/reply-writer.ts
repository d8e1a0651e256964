import { ExpectedFailure } from '../domain/failure.js';
import type { DeliveryTarget, PostedPart } from '../domain/turn.js';
import type { Clock } from '../ports/clock.js';
import type { Delivery, PartDraft } from '../ports/delivery.js';
import type { EditBudget } from '../ports/edit-budget.js';
import { ChangeSignal } from './change-signal.js';
import { LeaseLost } from './lease-lost.js';
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
  #firstTextAt: number | null = null;

  constructor(options: ReplyWriterOptions) {
    this.#options = options;
    this.#signal = AbortSignal.any([options.signal, this.#stopping.signal]);
    this.#posted = [...options.parts];
    this.#shown = options.parts.map(() => undefined);
    this.#running = this.#run();
    this.#running.catch(() => {}); // finish() hands the failure on
  }

  /** True once something of this reply is on the platform. */
  get visible(): boolean {
    return this.#posted.length > 0;
  }

  /** When the model's first text was on the platform, in ms since 1970. */
  get firstTextAt(): number | null {
    return this.#firstTextAt;
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
    const signal = this.#signal;
    let draft = this.#nextDraft();
    if (!draft) return this.#removeSurplus();
    const posted = this.#posted[draft.index];
    if (!posted) {
      const certainlyNew = this.#options.firstAttempt && !this.#tried.has(draft.index);
      this.#tried.add(draft.index);
      const part = await delivery.post(target, { ...draft, certainlyNew }, signal);
      await this.#recorded(part, draft);
      return true;
    }
    if (!(await this.#mayEdit())) return true; // the view is final now: look again
    draft = this.#nextDraft();
    const current = draft && this.#posted[draft.index];
    if (!draft || !current) return true;
    this.#shown[draft.index] = undefined; // until the platform has answered, what it shows isn't known
    const part = await delivery.edit(target, current, draft, signal);
    await this.#recorded(part, draft);
    return true;
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
    if (draft.state !== 'placeholder') this.#firstTextAt ??= this.#options.clock.now();
    if (!known && !(await this.#options.record(part))) throw new LeaseLost();
  }

  /** Waits for the spacing and the budget. False where the wait was cut short because the view became final. */
  async #mayEdit(): Promise<boolean> {
    const { delivery, target, budget, clock } = this.#options;
    const signal = this.#signal;
    const { key, rate } = delivery.budget(target);
    if (this.#finishing) {
      await budget.take(key, rate, true, signal);
      return true;
    }
    const spacing = this.#lastEditAt + rate.perMs / rate.edits - clock.now();
    const hurried = AbortSignal.any([signal, this.#hurry.signal]);
    try {
      if (spacing > 0) await clock.sleep(spacing, hurried);
      await budget.take(key, rate, false, hurried);
      return true;
    } catch (error) {
      signal.throwIfAborted();
      if (this.#hurry.signal.aborted) return false;
      throw error;
    }
  }

  /** A second answer may need fewer messages than the first. */
  async #removeSurplus(): Promise<boolean> {
    const { delivery, target } = this.#options;
    const signal = this.#signal;
    if (this.#view.type !== 'final') return false;
    const drafts = draftParts(this.#options.identity, this.#view, delivery.partLimit);
    const surplus = this.#posted.length > drafts.length ? this.#posted.at(-1) : undefined;
    if (!surplus) return false;
    await delivery.remove(target, surplus, signal);
    await this.#options.forget(surplus.index);
    this.#posted.pop();
    this.#shown.pop();
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
