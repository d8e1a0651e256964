import { ExpectedFailure } from '../../domain/failure.js';
import type { DeliveryTarget } from '../../domain/turn.js';
import type { Delivery } from '../../ports/delivery/delivery.js';
import type { Clock } from '../../ports/process/clock.js';
import type { Log } from '../../ports/process/log.js';
import type { ReplyWriter } from '../reply/reply-writer.js';

/** Typing lasts 10 s on Discord; a status on Slack 2 minutes. */
const REPEAT_MS = 8_000;

/** Stands where the reply will be, on platforms that show nothing else; in no language. */
const PLACEHOLDER = '…';

/**
 * Shows that a reply is coming until something of it is on the platform, or `signal` aborts; by a placeholder where
 * the platform knows nothing else. Never throws.
 */
export async function announceWork(
  target: DeliveryTarget,
  delivery: Pick<Delivery, 'showWorking'>,
  writer: Pick<ReplyWriter, 'visible' | 'showFirst'>,
  deps: { readonly clock: Clock; readonly log: Log },
  signal: AbortSignal,
): Promise<void> {
  try {
    while (!signal.aborted && !writer.visible) {
      await delivery.showWorking(target, signal);
      await deps.clock.sleep(REPEAT_MS, signal);
    }
  } catch (error) {
    if (signal.aborted) return;
    if (error instanceof ExpectedFailure) {
      // A hint that was lost costs nothing; one that this place never shows leaves the asker in the dark.
      if (error.reason === 'rejected') writer.showFirst({ type: 'placeholder', notice: PLACEHOLDER });
      return;
    }
    deps.log.error({ err: error }, 'work not announced');
  }
}
