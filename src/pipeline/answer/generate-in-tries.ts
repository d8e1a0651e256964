import { ExpectedFailure } from '../../domain/failure.js';
import type { GeneratedReply } from '../../domain/turn.js';
import type { Log } from '../../ports/process/log.js';
import { type Metrics, NO_METRICS } from '../../ports/telemetry/metrics.js';
import { inSpan, type Span } from '../../ports/telemetry/tracing.js';
import {
  generateReply,
  type ReplyBrief,
  type ReplyProgress,
  type ReplyWatcher,
  stoppedReply,
} from './generate-reply.js';
import { StopAsked } from './hold-lease.js';

/** Generations tried where the model's process dies while text is already shown. */
const GENERATION_TRIES = 3;

interface GenerationDeps {
  readonly router: Parameters<typeof generateReply>[1]['router'];
  readonly memory: Parameters<typeof generateReply>[1]['memory'];
  readonly log: Log;
  readonly metrics?: Metrics;
  /** Each try is traced within it. */
  readonly span: Span;
  readonly watcher: ReplyWatcher;
}

/** What ends a generation early. */
interface GenerationSignals {
  /** With the worker, or with the lease. */
  readonly working: AbortSignal;
  /** By a person: what was written by then is the reply. */
  readonly stopAsked: AbortSignal;
  /** By the platform, which takes the reply no more. */
  readonly refused: AbortSignal;
}

/**
 * Generates a reply, again from the start where the model's process died under text already shown.
 *
 * @param progress - written as the reply grows
 * @throws what `generateReply` throws; `StopAsked` where a person stopped it before there was text
 */
export async function generateInTries(
  brief: ReplyBrief,
  progress: ReplyProgress,
  deps: GenerationDeps,
  { working, stopAsked, refused }: GenerationSignals,
): Promise<GeneratedReply> {
  const { log, metrics = NO_METRICS, span, watcher } = deps;
  const signal = AbortSignal.any([working, stopAsked, refused]);
  for (let tries = 1; ; tries++) {
    try {
      signal.throwIfAborted();
      const reply = await inSpan(span, 'generate', { model: brief.alias, tries }, (traced) =>
        generateReply(brief, deps, progress, { ...watcher, span: traced }, signal),
      );
      metrics.generated(reply);
      return reply;
    } catch (error) {
      if (error instanceof StopAsked || stopAsked.aborted) {
        const partial = stoppedReply(progress);
        if (partial && !working.aborted) return partial;
        throw stopAsked.reason;
      }
      const died = error instanceof ExpectedFailure && error.kind === 'provider-unavailable';
      if (!died || progress.text === '' || tries === GENERATION_TRIES) throw error;
      log.warn({ turnId: brief.turn.id, tries, err: error }, 'generation starts again');
      progress.text = '';
      progress.deltas = 0;
    }
  }
}
