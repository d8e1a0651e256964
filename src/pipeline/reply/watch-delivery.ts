import type { ClaimedTurn } from '../../domain/turn.js';
import type { Delivery, PartDraft } from '../../ports/delivery/delivery.js';
import type { Clock } from '../../ports/process/clock.js';
import type { Metrics } from '../../ports/telemetry/metrics.js';
import { inSpan, type Span } from '../../ports/telemetry/tracing.js';
import type { HeldLease } from './held-lease.js';

/** A delivery that counts and traces what it sends of one turn's reply. */
export interface WatchedDelivery extends Delivery {
  /** The reply has a newer text, which is sent or replaced by a newer one yet. */
  textGrew(): void;
  /** Milliseconds from acceptance until the platform took the first text; null before, and for later revisions. */
  readonly firstTextMs: number | null;
}

/** The same delivery, for one attempt at one turn: nothing is sent once its lease has run out. */
export function watchDelivery(
  delivery: Delivery,
  turn: Pick<ClaimedTurn, 'acceptedAt' | 'revision' | 'target'>,
  lease: Pick<HeldLease, 'check'>,
  clock: Clock,
  metrics: Pick<Metrics, 'sent' | 'editsSaved' | 'firstVisibleText'>,
  span: Span,
): WatchedDelivery {
  const { platform } = turn.target;
  /** Versions of the text since the last that was sent. */
  let versions = 0;
  // One answered again has shown its first text long ago.
  let visible = turn.revision > 0;
  let firstTextMs: number | null = null;

  function sent(how: 'post' | 'edit', part: PartDraft): void {
    metrics.sent(platform, how);
    if (part.state === 'placeholder') return;
    if (!visible) {
      firstTextMs = Math.max(0, clock.now() - turn.acceptedAt.getTime());
      metrics.firstVisibleText(platform, firstTextMs);
    }
    visible = true;
    if (versions > 1) metrics.editsSaved(platform, versions - 1);
    versions = 0;
  }

  return {
    partLimit: delivery.partLimit,
    budget: (target, edit) => delivery.budget(target, edit),
    showWorking: (target, signal) => delivery.showWorking(target, signal),
    async post(target, part, signal) {
      lease.check();
      const posted = await inSpan(span, 'post', factsOf(part), () => delivery.post(target, part, signal));
      sent('post', part);
      return posted;
    },
    async edit(target, posted, part, signal) {
      lease.check();
      const edited = await inSpan(span, 'edit', factsOf(part), () =>
        delivery.edit(target, posted, part, signal),
      );
      sent('edit', part);
      return edited;
    },
    async remove(target, posted, signal) {
      lease.check();
      await delivery.remove(target, posted, signal);
    },
    async callAttention(target, turnId, last, signal) {
      lease.check();
      await delivery.callAttention(target, turnId, last, signal);
    },
    textGrew() {
      versions += 1;
    },
    get firstTextMs() {
      return firstTextMs;
    },
  };
}

function factsOf({ index, state }: PartDraft) {
  return { part: index, state };
}
