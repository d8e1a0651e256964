import { ExpectedFailure } from '../domain/failure.js';
import type { DeliveryTarget } from '../domain/turn.js';
import type { Clock } from '../ports/clock.js';
import type { Delivery } from '../ports/delivery.js';
import type { Log } from '../ports/log.js';
import type { ReplyWriter } from './reply-writer.js';

/** Typing lasts 10 s on Discord; a status on Slack 2 minutes. */
const REPEAT_MS = 8_000;

/** Shows that a reply is coming until something of it is on the platform, or `signal` aborts. Never throws. */
export async function announceWork(
  target: DeliveryTarget,
  delivery: Delivery,
  writer: Pick<ReplyWriter, 'visible'>,
  deps: { readonly clock: Clock; readonly log: Log },
  signal: AbortSignal,
): Promise<void> {
  try {
    while (!signal.aborted && !writer.visible) {
      await delivery.showWorking(target, signal);
      await deps.clock.sleep(REPEAT_MS, signal);
    }
  } catch (error) {
    if (signal.aborted || error instanceof ExpectedFailure) return; // a lost hint costs nothing
    deps.log.error({ err: error }, 'work not announced');
  }
}
