import type { ClaimedTurn, TurnOutcome } from '../../domain/turn.js';
import { NO_METRICS } from '../../ports/telemetry/metrics.js';
import { NO_TRACING, type Tracing } from '../../ports/telemetry/tracing.js';
import { type HeldLease, LeaseLost } from '../reply/held-lease.js';
import type { LeaseTimes } from './hold-lease.js';
import { TurnAnswer, type TurnAnswerDeps } from './turn-answer.js';

export interface AnswerTurnDeps extends TurnAnswerDeps {
  readonly lease: LeaseTimes;
  /** Default: nothing is traced. */
  readonly tracing?: Tracing;
  /** Called after a turn has ended and been stored: the log export. It must not throw. */
  readonly onEnded: (turn: ClaimedTurn, outcome: TurnOutcome) => Promise<void>;
}

/**
 * Answers one claimed turn: prompt, model, delivery, memory. It may run again from the start at any point: parts and
 * the generated reply are stored as they come, and a second run edits the same messages.
 *
 * @param lease - of the claim; let go of when the answering has ended
 * @throws {ExpectedFailure} retryable `delivery-failed` where the platform stays out of reach, retryable `setup` where
 *   this worker has no token for it: the turn is pending again
 * @throws `signal.reason` on abort, after giving the turn back
 */
export async function answerTurn(
  turn: ClaimedTurn,
  lease: HeldLease,
  deps: AnswerTurnDeps,
  signal: AbortSignal,
): Promise<void> {
  const { tracing = NO_TRACING } = deps;
  const { id, attempt, revision, target } = turn;
  const facts = { turn: id, attempt, revision, platform: target.platform };
  const span = tracing.begin('answer turn', turn.trace ?? null, facts);
  const over = new AbortController();
  const working = AbortSignal.any([signal, lease.lost, over.signal]);
  try {
    const answer = new TurnAnswer(turn, deps, working, lease, span);
    const outcome = await answer.run();
    span.note({ outcome: outcome.state });
    if (await deps.claims.finish(turn, outcome, answer.facts)) {
      deps.live.publish(turn.id, { type: 'ended', outcome });
      const { clock, metrics = NO_METRICS } = deps;
      const tookMs = turn.revision > 0 ? null : clock.now() - turn.acceptedAt.getTime();
      metrics.turnEnded(turn.target.platform, outcome, tookMs);
      await deps.onEnded(turn, outcome);
    }
  } catch (error) {
    span.end(error);
    if (error instanceof LeaseLost || lease.lost.aborted) return;
    await giveBack(turn, deps);
    throw error;
  } finally {
    span.end();
    lease.letGo();
    // Whatever still listens to `working` would keep it in memory for good.
    over.abort(new Error('the turn’s answering has ended'));
  }
}

/** A turn that cannot be given back is free again when its lease has run out. */
async function giveBack(turn: ClaimedTurn, { claims, log }: AnswerTurnDeps): Promise<void> {
  try {
    await claims.release(turn);
  } catch (error) {
    log.warn({ turnId: turn.id, err: error }, 'turn not given back: its lease must run out');
  }
}
