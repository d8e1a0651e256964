import { conversationLanguage } from '../domain/language.js';
import { phrasesIn } from '../domain/phrases.js';
import type { ConversationId } from '../domain/turn.js';
import type { Clock } from '../ports/clock.js';
import type { Delivery } from '../ports/delivery.js';
import type { Log } from '../ports/log.js';
import type { TurnStore } from '../ports/turn-store.js';

/** A wait shorter than this, in ms, needs no words. */
const WORTH_TELLING_MS = 3_000;
/** Askers told in one round: the next ones a round later. */
const ROUND = 5;

export interface AnnounceWaitingDeps {
  readonly turns: Pick<TurnStore, 'takeWaiting' | 'recordWaitingPart'>;
  readonly deliveries: ReadonlyMap<string, Pick<Delivery, 'post'>>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * While one turn of a conversation is answered, tells those who wait behind it their place, each once, where their reply
 * will stand. Never throws.
 *
 * @param over - aborts when the turn has been answered. A post under way is finished all the same: it must be stored
 *   before its turn is claimed.
 * @param signal - aborts with the worker
 */
export async function announceWaiting(
  conversationId: ConversationId,
  deps: AnnounceWaitingDeps,
  over: AbortSignal,
  signal: AbortSignal,
): Promise<void> {
  const ending = AbortSignal.any([over, signal]);
  try {
    for (;;) {
      await deps.clock.sleep(WORTH_TELLING_MS, ending);
      for (const turn of await deps.turns.takeWaiting(conversationId, ROUND)) {
        const say = phrasesIn(conversationLanguage('auto', [turn.text]));
        const part = await deps.deliveries.get(turn.target.platform)?.post(
          turn.target,
          {
            turnId: turn.id,
            revision: turn.revision,
            index: 0,
            text: say.queued(turn.ahead),
            state: 'placeholder',
            controls: 'stop',
            certainlyNew: true,
          },
          signal,
        );
        if (part) await deps.turns.recordWaitingPart(turn, part);
      }
    }
  } catch (error) {
    // A place not told costs nothing: the turn keeps it.
    if (!ending.aborted) deps.log.warn({ conversationId, err: error }, 'place in the queue not told');
  }
}
