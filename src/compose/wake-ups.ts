import { z } from 'zod';
import type { ConversationId } from '../domain/turn.js';
import type { ModelRoutes } from '../ports/fleet/model-routes.js';
import type { JobQueue } from '../ports/queue/job-queue.js';
import type { WakeUps } from '../ports/turns/wake-ups.js';
import type { Queues } from './queue.js';

const JOB = z.strictObject({ conversationId: z.int().positive() });

export type WakeUpJobs = JobQueue<{ readonly conversationId: ConversationId }>;

export interface WakeUpQueues extends WakeUps {
  /** What every worker consumes: conversations of which it is not known which model they ask, or whose model is gone. */
  readonly general: WakeUpJobs;
  /** What a worker consumes that serves these models: of each model always the same queue. */
  servedBy(serves: ReadonlySet<string>): readonly WakeUpJobs[];
}

/**
 * The queues of wake-ups: one for each model beside the general one, so that a worker takes only what it serves.
 *
 * @param routes - null outside a fleet, where there is the general one alone
 */
export function composeWakeUps(queue: Pick<Queues, 'open'>, routes: ModelRoutes | null): WakeUpQueues {
  const open = (name: string): WakeUpJobs =>
    queue.open(name, JOB, ({ conversationId }) => `conversation-${conversationId}`);
  const general = open('wake-ups');
  // All of them from the start, though this process may add to none: every process tells how deep each is.
  const queues = new Map((routes?.aliases ?? []).map((alias) => [alias, open(`wake-ups-${alias}`)]));
  const queueOf = (alias: string) => {
    const known = queues.get(alias) ?? open(`wake-ups-${alias}`);
    queues.set(alias, known);
    return known;
  };
  return {
    general,
    servedBy: (serves) => [general, ...(routes === null ? [] : [...serves].map(queueOf))],
    async add({ conversationId, alias }) {
      const anybody = routes === null || alias === undefined || !routes.has(alias) || routes.isGone(alias);
      const jobs = anybody ? general : queueOf(routes.routeOf(alias) ?? alias);
      await jobs.add({ conversationId });
    },
  };
}
