import { createRequire } from 'node:module';
import path from 'node:path';
import { Queue } from 'bullmq';
import type { Log } from '../ports/process/log.js';
import type { QueueBoard } from '../ports/queue/queue-board.js';
import type { OpenQueue, QueueBackend } from './queue-backend.js';
import { type ReachableQueue, reachableQueue } from './reachable-queue.js';

/** Milliseconds that a queue may take to open. */
const OPEN_MS = 2_000;

export interface QueueBoardOptions {
  /** Where its pages are mounted, without a slash at the end. */
  readonly basePath: string;
  /** Names of the queues to show, asked for each request. */
  readonly names: () => readonly string[];
  readonly backend: QueueBackend;
  readonly log: Log;
}

/** bull-board on every queue of a backend, loaded with the first request: it takes a third of a second. */
export function queueBoard(options: QueueBoardOptions): QueueBoard & { stop(): Promise<void> } {
  const { basePath, names, backend, log } = options;
  const queues = new Map<string, ReachableQueue>();
  let loading: ReturnType<typeof loadBoard> | undefined;

  function openQueues(): Promise<OpenQueue[]> {
    return Promise.all(
      names().map((name) => {
        const queue = queues.get(name) ?? reachableQueue(name, backend, log, OPEN_MS);
        queues.set(name, queue);
        return queue.reach('show', async (open) => open);
      }),
    );
  }

  return {
    async fetch(request) {
      loading ??= loadBoard(basePath);
      const board = await loading;
      // The page and its scripts are served whether or not the queue can be reached.
      if (new URL(request.url).pathname.startsWith(`${basePath}/api/`)) board.show(await openQueues());
      return withoutForeignLinks(await board.app.fetch(request));
    },
    async stop() {
      await Promise.all([...queues.values()].map((queue) => queue.stop()));
    },
  };
}

async function loadBoard(basePath: string) {
  const [{ createBullBoard }, { BullMQAdapter }, { HonoAdapter }, { serveStatic }, { Hono }] =
    await Promise.all([
      import('@bull-board/api'),
      import('@bull-board/api/bullMQAdapter'),
      import('@bull-board/hono'),
      import('@hono/node-server/serve-static'),
      import('hono'),
    ]);
  const server = new HonoAdapter(serveStatic);
  server.setBasePath(basePath);
  const { replaceQueues } = createBullBoard({
    queues: [],
    serverAdapter: server,
    options: {
      // Its own way to find the files of its page does not work in a bundle.
      uiBasePath: path.dirname(createRequire(import.meta.url).resolve('@bull-board/ui/package.json')),
      uiConfig: { boardTitle: 'Parley: queues', hideRedisDetails: true },
    },
  });
  const adapters = new WeakMap<OpenQueue, InstanceType<typeof BullMQAdapter>>();
  const adapterOf = (queue: OpenQueue) => {
    if (!(queue instanceof Queue)) throw new TypeError('not a queue of BullMQ’s');
    const adapter = adapters.get(queue) ?? new BullMQAdapter(queue, { readOnlyMode: true });
    adapters.set(queue, adapter);
    return adapter;
  };
  return {
    app: new Hono({ strict: false }).route(basePath, server.registerPlugin()),
    show: (queues: readonly OpenQueue[]) => replaceQueues(queues.map(adapterOf)),
  };
}

/** The page asks a web font's server for its letters; without it the browser's own are used. */
async function withoutForeignLinks(response: Response): Promise<Response> {
  if (!response.headers.get('content-type')?.startsWith('text/html')) return response;
  const page = (await response.text()).replaceAll(/<link [^>]*href="https?:[^>]*>/g, '');
  return new Response(page, response);
}
