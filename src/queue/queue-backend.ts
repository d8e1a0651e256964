import type { Processor, Queue, Worker, WorkerOptions } from 'bullmq';

/** The part of BullMQ's Queue that is the same on every backend. */
export type OpenQueue = Pick<Queue, 'add' | 'getJobCounts' | 'waitUntilReady' | 'close' | 'disconnect'>;

/** The part of BullMQ's Worker that is the same on every backend. */
export type OpenWorker = Pick<Worker, 'waitUntilReady' | 'close' | 'disconnect'>;

type OpenWorkerOptions = Omit<WorkerOptions, 'connection'>;

/** Where BullMQ keeps its jobs. Its owner stops it after the queues that use it. */
export interface QueueBackend {
  /**
   * Resolves once jobs can be stored, at once where that is known.
   *
   * @throws where the backend is out of reach; asked again, it tries again
   */
  ready(): Promise<void>;
  openQueue(name: string, onError: (error: unknown) => void): OpenQueue;
  openWorker(
    name: string,
    processor: Processor,
    options: OpenWorkerOptions,
    onError: (error: unknown) => void,
  ): OpenWorker;
  stop(): Promise<void>;
}

/** Events that BullMQ keeps per queue for its own listeners, of which Parley has none. */
export const KEPT_EVENTS = { events: { maxLen: 100 } };
