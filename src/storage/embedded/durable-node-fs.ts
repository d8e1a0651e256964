import { fsyncSync } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';

/** What emscripten hands its file operations: `nfd` is the file descriptor on the real disk. */
interface EmscriptenStream {
  readonly nfd?: number;
}

type InitOptions = Parameters<NodeFS['init']>[1];

/**
 * PGlite's file system with a real fsync. As shipped PGlite never calls fsync(2): its default parameters turn it off,
 * and its file system has no operation for it. What it wrote then survives a killed process but not a power cut.
 */
export class DurableNodeFs extends NodeFS {
  override async init(pg: PGlite, options: InitOptions): ReturnType<NodeFS['init']> {
    const result = await super.init(pg, options);
    result.emscriptenOpts.preRun ??= [];
    result.emscriptenOpts.preRun.push((module) => {
      Object.assign(streamOperations(module.NODEFS), {
        fsync(stream: EmscriptenStream): number {
          if (stream.nfd !== undefined) fsyncSync(stream.nfd);
          return 0;
        },
      });
    });
    return result;
  }
}

/** PGlite's start parameters with fsync turned on. */
export function durableStartParameters(defaults: readonly string[]): string[] {
  return [
    ...defaults.filter((parameter) => parameter !== '-F'),
    '-c',
    'fsync=on',
    '-c',
    'wal_sync_method=fsync',
  ];
}

/** Puts every file and folder below `folder` on the disk, as initdb does at its end. */
export async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const child = path.join(folder, entry.name);
    if (entry.isDirectory()) await syncTree(child);
    else if (entry.isFile()) await syncFile(child);
  }
  await syncFolder(folder);
}

/** Makes the names in a folder durable. Windows cannot open folders, and needs no such step. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform !== 'win32') await syncFile(folder);
}

async function syncFile(file: string): Promise<void> {
  const handle = await open(file, process.platform === 'win32' ? 'r+' : 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function streamOperations(fileSystem: object): object {
  if ('stream_ops' in fileSystem && typeof fileSystem.stream_ops === 'object' && fileSystem.stream_ops) {
    return fileSystem.stream_ops;
  }
  throw new Error('this version of PGlite has no NODEFS.stream_ops: its data cannot be made durable');
}
