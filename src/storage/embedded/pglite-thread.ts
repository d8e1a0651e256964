import { access, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { DurableNodeFs, durableStartParameters, syncFolder, syncTree } from './durable-node-fs.js';
import type { SessionOptions, SessionReply, SessionRequest } from './session-protocol.js';

// The thread that owns PGlite: a query blocks this thread and not the bot's.
if (parentPort) await serve(parentPort, workerData);

type Port = NonNullable<typeof parentPort>;

async function serve(port: Port, options: SessionOptions): Promise<void> {
  const database = await openDatabase(options);
  const answer = (reply: SessionReply, transfer: ArrayBuffer[] = []) => port.postMessage(reply, transfer);
  const run = async (request: SessionRequest): Promise<Uint8Array<ArrayBuffer>> => {
    if (request.type === 'execute') return execute(database, request.bytes);
    if (request.type === 'dump')
      return new Uint8Array(await (await database.dumpDataDir('none')).arrayBuffer());
    await database.close();
    return new Uint8Array();
  };
  port.on('message', (request: SessionRequest) => {
    run(request).then(
      (bytes) => {
        answer({ type: 'bytes', id: request.id, bytes }, [bytes.buffer]);
        if (request.type === 'close') port.close();
      },
      (error: unknown) => {
        answer({
          type: 'failed',
          id: request.id,
          message: error instanceof Error ? error.message : String(error),
        });
      },
    );
  });
  answer({ type: 'ready' });
}

async function execute(database: PGlite, bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  await database.execProtocolRawStream(bytes, { onRawData: (chunk) => void chunks.push(Buffer.from(chunk)) });
  // A copy of its own: Buffer may sit in a shared pool, which cannot be transferred.
  return new Uint8Array(Buffer.concat(chunks));
}

async function openDatabase(options: SessionOptions): Promise<PGlite> {
  if (options.folder === null) return create('memory://', options);
  if (!(await exists(options.folder))) await initialise(options.folder, options);
  return create(options.folder, { ...options, dump: null });
}

/** Builds a new database beside its place and moves it there whole: a process killed meanwhile leaves nothing half made. */
async function initialise(folder: string, options: SessionOptions): Promise<void> {
  const unfinished = `${folder}.new`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  const database = await create(unfinished, { ...options, durable: false });
  await database.close();
  if (options.durable) await syncTree(unfinished);
  await rename(unfinished, folder);
  if (options.durable) await syncFolder(path.dirname(folder));
}

function create(dataDir: string, { durable, dump }: SessionOptions): Promise<PGlite> {
  const defaults = PGlite.defaultStartParams;
  const startParams = [
    ...(durable ? durableStartParameters(defaults) : defaults),
    // BullMQ names its tables without a schema and keeps them in its own.
    ...['-c', 'search_path=public,bullmq'],
    ...['-c', 'timezone=UTC'],
    // PGlite's default of 128 MB would hold twice what the whole bot needs for a few chats' text.
    ...['-c', 'shared_buffers=16MB'],
  ];
  return PGlite.create({
    ...(durable ? { fs: new DurableNodeFs(dataDir) } : { dataDir }),
    ...(dump ? { loadDataDir: new Blob([new Uint8Array(dump)]) } : {}),
    startParams,
  });
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
