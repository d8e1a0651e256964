import { describe, expect, test } from 'vitest';
import type { ConversationId } from '../../../../src/domain/turn.js';
import type { JobQueue } from '../../../../src/ports/queue/job-queue.js';
import { startReplyWorker } from '../../../../workers/reply-worker/start-reply-worker.js';
import { deferred } from '../../../doubles/deferred.js';
import { openAnswering } from '../../pipeline/answer/answering.js';

const wakeUps = { add: async () => {} };

describe('the queues that a reply worker takes from', () => {
  const setup = openAnswering();

  /** Queues whose jobs run until `end`, and what was done with them. */
  function openQueues() {
    const done: string[] = [];
    const jobs = deferred();
    const queue = (name: string): JobQueue<{ readonly conversationId: ConversationId }> => ({
      add: async () => {},
      work() {
        done.push(`${name} taken`);
        return {
          async stop(graceMs) {
            done.push(`${name} left, ${graceMs >= 3_600_000 ? 'in its own time' : `within ${graceMs} ms`}`);
            await jobs.promise;
          },
        };
      },
      depth: async () => 0,
      stop: async () => {},
    });
    return { queue, end: () => jobs.resolve(), happened: () => done.splice(0) };
  }

  test('change while it runs, and all of them end with it', async () => {
    const { queue, end, happened } = openQueues();
    const [a, b, c] = [queue('a'), queue('b'), queue('c')];
    const worker = startReplyWorker([a, b], 'one', { ...setup.deps(), wakeUps }, 1);
    expect(happened()).toEqual(['a taken', 'b taken']);
    worker.takeFrom([b, c]);
    expect(happened()).toEqual(['a left, in its own time', 'c taken']);
    worker.takeFrom([b, c, a]);
    expect(happened()).toEqual(['a taken']);
    const stopping = worker.stop(5);
    worker.takeFrom([]);
    expect(happened().toSorted()).toEqual(['a', 'a', 'b', 'c'].map((name) => `${name} left, within 5 ms`));
    end();
    await stopping;
  });
});
