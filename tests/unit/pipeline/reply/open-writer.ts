import { ExpectedFailure } from '../../../../src/domain/failure.js';
import type { PostedPart } from '../../../../src/domain/turn.js';
import { ReplyWriter } from '../../../../src/pipeline/reply/reply-writer.js';
import { FakeClock } from '../../../doubles/clocks/fake-clock.js';
import { RecordingDelivery } from '../../../doubles/recorders/recording-delivery.js';

export const FINAL = { type: 'final', controls: 'rate-and-regenerate' } as const;
export const unavailable = () => new ExpectedFailure('delivery-failed', 'away', { reason: 'unavailable' });

interface WriterOptions {
  readonly delivery?: RecordingDelivery;
  readonly parts?: readonly PostedPart[];
  readonly held?: boolean;
  readonly revision?: number;
}

/** A writer of turn 7, and all that it tells others. */
export function openWriter({
  delivery = new RecordingDelivery(),
  parts = [],
  held = true,
  revision = 0,
}: WriterOptions = {}) {
  const clock = new FakeClock();
  const abort = new AbortController();
  const recorded: PostedPart[] = [];
  const refusals: Error[] = [];
  const taken: { key: string; urgent: boolean; at: number }[] = [];
  const writer = new ReplyWriter({
    identity: { turnId: 7, revision },
    target: { platform: 'discord' },
    firstAttempt: parts.length === 0,
    parts,
    delivery,
    budget: {
      take: async (key, _rate, urgent) => void taken.push({ key, urgent, at: clock.now() }),
      pause: () => {},
    },
    clock,
    record: async (part) => {
      recorded.push(part);
      return held;
    },
    forget: async (index) => void recorded.splice(index, 1),
    onRefused: (failure) => refusals.push(failure),
    signal: abort.signal,
  });
  return { writer, delivery, clock, abort, recorded, refusals, taken };
}
