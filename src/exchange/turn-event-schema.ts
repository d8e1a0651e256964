import { z } from 'zod';
import type { FailureKind } from '../domain/failure.js';
import { DEFAULTED_NUMBERS, forEachNumber } from '../domain/sampling.js';
import type { TurnEvent } from '../ports/turns/live-events.js';

const failureKinds = [
  'provider-unavailable',
  'provider-overloaded',
  'provider-rejected',
  'model-missing',
  'model-unserved',
  'context-overflow',
  'empty-answer',
  'delivery-failed',
  'bad-input',
  'setup',
] as const satisfies readonly FailureKind[];

const count = z.number().int().nonnegative();

const sampling = z.object({
  ...forEachNumber(DEFAULTED_NUMBERS, () => z.number()),
  seed: z.number().exactOptional(),
  stop: z.array(z.string()),
});

const outcome = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('done'),
    reply: z.string(),
    model: z.string(),
    finishReason: z.enum(['stop', 'length', 'stopped', 'content-filter']),
    usage: z.object({ prompt: count, cached: count, reply: count }),
    sampling,
    timeToFirstTokenMs: z.number().nullable(),
    tokensPerSecond: z.number().nullable(),
  }),
  z.object({ state: z.literal('failed'), kind: z.enum([...failureKinds, 'bug']), notice: z.string() }),
  z.object({ state: z.literal('cancelled') }),
]);

/** An event as another process sent it, perhaps one of another version. */
export const turnEventSchema: z.ZodType<TurnEvent> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), offset: count, text: z.string() }),
  z.object({ type: z.literal('queued'), ahead: count }),
  z.object({ type: z.literal('ended'), outcome }),
  z.object({ type: z.literal('stop') }),
  z.object({ type: z.literal('joined') }),
]);
