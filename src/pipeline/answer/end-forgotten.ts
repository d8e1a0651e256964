import { ExpectedFailure } from '../../domain/failure.js';
import type { EffectiveSettings } from '../../domain/settings.js';
import { conversationLanguage } from '../../domain/text/language.js';
import { phrasesIn } from '../../domain/text/phrases.js';
import type { ClaimedTurn, TurnOutcome } from '../../domain/turn.js';
import type { Log } from '../../ports/process/log.js';
import type { ReplyWriter } from '../reply/reply-writer.js';

export interface EndForgottenDeps {
  readonly settingsAt: (address: ClaimedTurn['address']) => Promise<EffectiveSettings>;
  readonly log: Log;
}

/**
 * Ends a turn that was forgotten before it was answered: where its asker was shown that a reply is coming, a sentence
 * takes that place; elsewhere nothing is said.
 *
 * @throws {ExpectedFailure} `delivery-failed` where the platform stays out of reach
 */
export async function endForgotten(
  turn: ClaimedTurn,
  writer: Pick<ReplyWriter, 'finish'>,
  deps: EndForgottenDeps,
  signal: AbortSignal,
): Promise<TurnOutcome> {
  if (turn.target.awaited !== true && turn.parts.length === 0) return { state: 'cancelled' };
  const { language } = await deps.settingsAt(turn.address);
  const text = phrasesIn(conversationLanguage(language, [])).cleared;
  try {
    await writer.finish({ type: 'final', text, controls: 'none' });
  } catch (error) {
    signal.throwIfAborted();
    const final = error instanceof ExpectedFailure && error.kind === 'delivery-failed' && !error.retryable;
    if (!final) throw error;
    deps.log.warn({ turnId: turn.id, reason: error.reason, err: error }, 'the asker could not be told');
  }
  return { state: 'cancelled' };
}
