import type { Platform } from '../../domain/address.js';
import type { FailureKind } from '../../domain/failure.js';
import type { GeneratedReply, TurnOutcome } from '../../domain/turn.js';

export type BreakerState = 'closed' | 'half-open' | 'open';

/**
 * What is counted while Parley works. Nothing here throws or waits, and no argument may hold a person's id, a channel's,
 * or text: whoever may read the metrics may not read those.
 */
export interface Metrics {
  /** @param tookMs - from the turn's acceptance; null for one answered again, whose wait began later */
  turnEnded(platform: Platform, outcome: TurnOutcome, tookMs: number | null): void;
  /** What a model made of a turn: its times and its tokens. */
  generated(reply: GeneratedReply): void;
  /** @param afterMs - from the turn's acceptance to the first text of the model on the platform */
  firstVisibleText(platform: Platform, afterMs: number): void;
  /** A platform took a part of a reply. */
  sent(platform: Platform, how: 'post' | 'edit'): void;
  /** Versions of a reply's text that were replaced by newer ones before they were sent. */
  editsSaved(platform: Platform, versions: number): void;
  /** A platform answered 429. `method` names the call, without ids. */
  rateLimited(platform: Platform, method: string): void;
  /** Something was sent once, its answer lost, and nobody can tell whether it was applied. */
  undecidedSend(platform: Platform): void;
  /** A model could not answer, or not to the end. */
  providerFailed(model: string, kind: FailureKind): void;
  /** Whether a hosted endpoint is used (`closed`), left alone (`open`), or tried again. */
  breaker(endpoint: string, state: BreakerState): void;
  engineStarted(model: string): void;
  engineCrashed(model: string): void;
}

/** What Prometheus reads. */
export interface Exposition {
  readonly contentType: string;
  readonly text: string;
}

const nothing = () => {};

/** Counts nothing. */
export const NO_METRICS: Metrics = {
  turnEnded: nothing,
  generated: nothing,
  firstVisibleText: nothing,
  sent: nothing,
  editsSaved: nothing,
  rateLimited: nothing,
  undecidedSend: nothing,
  providerFailed: nothing,
  breaker: nothing,
  engineStarted: nothing,
  engineCrashed: nothing,
};
