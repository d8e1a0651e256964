import { z } from 'zod';
import type { ConversationId, TurnId } from '../domain/turn.js';
import type { JobQueue } from '../ports/job-queue.js';
import type { Log } from '../ports/log.js';
import { createJobQueue } from './job-queue.js';
import type { QueueBackend } from './queue-backend.js';

const rowId = z.number().int().positive();

/** Conversations that have something to answer. */
export function openWakeUpQueue(
  backend: QueueBackend,
  log: Log,
): JobQueue<{ readonly conversationId: ConversationId }> {
  const schema = z.object({ conversationId: rowId });
  return createJobQueue('wake-up', schema, (job) => `conversation-${job.conversationId}`, backend, log);
}

/** Finished turns to be posted to the log. */
export function openLogExportQueue(backend: QueueBackend, log: Log): JobQueue<{ readonly turnId: TurnId }> {
  const schema = z.object({ turnId: rowId });
  return createJobQueue('log-export', schema, (job) => `turn-${job.turnId}`, backend, log, {
    // Over two hours. What is still due then comes up again with the sweep.
    attempts: 14,
    retry: { firstMs: 1_000, lastMs: 3_600_000 },
  });
}
