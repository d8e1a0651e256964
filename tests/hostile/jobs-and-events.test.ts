import { type Job, UnrecoverableError } from 'bullmq';
import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { z } from 'zod';
import { withText } from '../../adapters/web/conversations/watch-turn.js';
import { turnEventSchema } from '../../src/exchange/turn-event-schema.js';
import { createJobProcessor } from '../../src/queue/job-processor.js';
import { RecordedLog } from '../doubles/recorders/recorded-log.js';
import { holdsFor } from './holds-for.js';
import { damaged, type Json } from './inputs.js';

const MARK = 'MARKED-SECRET';
const payload = damaged(
  fc.record({
    conversationId: fc.integer({ min: 1 }),
    turnId: fc.integer({ min: 1 }),
    note: fc.constant(MARK),
  }),
).map((value): Json => value);

/** As the wake-ups' and the export's schemas are. */
const WAKE_UP = z.strictObject({ conversationId: z.int().positive() });

describe('a job that lies in the queue', () => {
  holdsFor(
    'is handled as a valid one, or ends for good with a line that tells none of it',
    payload,
    async (data) => {
      const log = new RecordedLog();
      const handled: unknown[] = [];
      const processor = createJobProcessor(
        'wake-ups',
        WAKE_UP,
        async (given) => void handled.push(given),
        10,
        log,
      );
      const job = { id: '1', data, attemptsMade: 0 } as unknown as Job;
      const outcome = await processor.process(job, 'token').then(
        () => null,
        (error: unknown) => error,
      );
      const valid = WAKE_UP.safeParse(data).success;
      expect(handled).toHaveLength(valid ? 1 : 0);
      expect(outcome === null).toBe(valid);
      if (outcome !== null) {
        expect(outcome).toBeInstanceOf(UnrecoverableError);
        expect(String(outcome) + log.everything).not.toContain(MARK);
        expect(String(outcome).length).toBeLessThan(300);
      }
      expect(processor.running).toBe(0);
    },
  );
});

const usage = fc.record({ prompt: fc.nat(), cached: fc.nat(), reply: fc.nat() });
const sampling = fc.constant<Json>({
  temperature: 1,
  topK: 1,
  topP: 1,
  minP: 0,
  repeatPenalty: 1,
  maxTokens: 5,
  stop: [],
});
const outcome = fc.oneof(
  fc.record({
    state: fc.constant('done'),
    reply: fc.string(),
    model: fc.string(),
    finishReason: fc.constantFrom('stop', 'length'),
    usage,
    sampling,
    timeToFirstTokenMs: fc.constant(null),
    tokensPerSecond: fc.constant(null),
  }),
  fc.record({ state: fc.constant('failed'), kind: fc.constantFrom('bug', 'setup'), notice: fc.string() }),
);
const event = damaged(
  fc.oneof(
    fc.record({ type: fc.constant('text'), offset: fc.nat(), text: fc.string() }),
    fc.record({ type: fc.constant('queued'), ahead: fc.nat() }),
    fc.record({ type: fc.constant('ended'), outcome }),
  ),
);

describe('a live event of another process', () => {
  holdsFor('is one, or is dropped', event, (value) => {
    const parsed = turnEventSchema.safeParse(value);
    if (!parsed.success || parsed.data.type !== 'text') return;
    const before = withText('known text', parsed.data);
    expect(before === null || before.length <= 10 + parsed.data.text.length).toBe(true);
  });
});
