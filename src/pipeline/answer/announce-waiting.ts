import type { Address } from '../../domain/address.js';
import type { EffectiveSettings } from '../../domain/settings.js';
import { conversationLanguage } from '../../domain/text/language.js';
import { phrasesIn } from '../../domain/text/phrases.js';
import type { ClaimedTurn } from '../../domain/turn.js';
import type { Delivery } from '../../ports/delivery/delivery.js';
import type { Clock } from '../../ports/process/clock.js';
import type { Log } from '../../ports/process/log.js';
import type { WaitingTurns } from '../../ports/turns/waiting-turns.js';

/** A wait shorter than this, in ms, needs no words. */
const WORTH_TELLING_MS = 3_000;
/** Askers told in one round: the next ones a round later. */
const ROUND = 5;

export interface AnnounceWaitingDeps {
  readonly waiting: WaitingTurns;
  readonly deliveries: ReadonlyMap<string, Pick<Delivery, 'post'>>;
  readonly settingsAt: (address: Address) => Promise<Pick<EffectiveSettings, 'language'>>;
  readonly clock: Clock;
  readonly log: Log;
  /** Throws where another attempt may run by now. */
  readonly check: () => void;
}

/**
 * While one turn of a conversation is answered, tells those who wait behind it their place, each once, where their reply
 * will stand. Never throws.
 *
 * @param running - the turn that is answered
 * @param over - aborts when the turn has been answered. A post under way is finished all the same: it must be stored
 *   before its turn is claimed.
 * @param signal - aborts with the worker, or once another attempt may run: it may have claimed who waits here
 */
export async function announceWaiting(
  running: Pick<ClaimedTurn, 'conversationId' | 'address'>,
  deps: AnnounceWaitingDeps,
  over: AbortSignal,
  signal: AbortSignal,
): Promise<void> {
  const { conversationId } = running;
  const ending = AbortSignal.any([over, signal]);
  try {
    for (;;) {
      await deps.clock.sleep(WORTH_TELLING_MS, ending);
      const { language } = await deps.settingsAt(running.address);
      for (const turn of await deps.waiting.take(conversationId, ROUND)) {
        if (ending.aborted) return;
        deps.check();
        const say = phrasesIn(conversationLanguage(language, [turn.text]));
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
            unlessThere: true,
          },
          signal,
        );
        if (part) await deps.waiting.recordPart(turn, part);
      }
    }
  } catch (error) {
    // A place not told costs nothing: the turn keeps it.
    if (!ending.aborted) deps.log.warn({ conversationId, err: error }, 'place in the queue not told');
  }
}
