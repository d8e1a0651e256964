import { createHash } from 'node:crypto';
import { realpath, rename, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { ExpectedFailure } from '../../domain/failure.js';
import { makeFolder } from '../../process/make-folder.js';

const ATTEMPTS = 5;
const ASK_LIMIT_MS = 3000;
/** Longest socket path that every system takes (macOS: 104 bytes with the final zero), less a suffix of ours. */
const SOCKET_PATH_LIMIT = 88;

export interface FolderLock {
  /** May be called twice. */
  release(): Promise<void>;
}

/**
 * Makes this process the one owner of a folder, which is made with mode 0700 if missing. The lock is a listening
 * socket: the kernel drops it with the process, however that ends, so no lock outlives its owner.
 *
 * @throws {ExpectedFailure} `setup` where another process owns the folder, or it cannot be written
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  await makeFolder(folder);
  const address = socketAddress(await realpath(folder));
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const server = await listen(address);
    if (server) return { release: () => close(server) };
    const owner = (await askOwner(address)) ?? (await removeDead(address));
    if (owner !== null) {
      throw new ExpectedFailure(
        'setup',
        `data folder ${folder} already in use by process ${owner}: stop that one, or set PARLEY_DATA_DIR to another folder`,
      );
    }
  }
  throw new ExpectedFailure(
    'setup',
    `data folder ${folder} could not be locked: several processes want it at once`,
  );
}

function socketAddress(folder: string): string {
  const digest = createHash('sha256').update(folder).digest('hex').slice(0, 32);
  if (process.platform === 'win32') return `\\\\.\\pipe\\parley-${digest}`;
  const inside = path.join(folder, 'owner.sock');
  return Buffer.byteLength(inside) <= SOCKET_PATH_LIMIT
    ? inside
    : path.join(os.tmpdir(), `parley-${digest}.sock`);
}

/** Null where the address is taken. */
function listen(address: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined); // whoever asked has gone
      socket.end(String(process.pid));
    });
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') return resolve(null);
      reject(
        new ExpectedFailure('setup', `the data folder cannot be locked: ${error.message}`, { cause: error }),
      );
    });
    server.listen(address, () => {
      server.unref();
      resolve(server);
    });
  });
}

/** The owner's process id, `unknown` where it does not say, or null where nobody listens. */
function askOwner(address: string): Promise<string | null> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(address);
    socket.setTimeout(ASK_LIMIT_MS, () => {
      socket.destroy();
      resolve('unknown');
    });
    socket.on('data', (bytes) => {
      answer += bytes.toString();
    });
    socket.on('end', () => resolve(answer || 'unknown'));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'ECONNREFUSED' || error.code === 'ENOENT' ? null : 'unknown');
    });
  });
}

/**
 * Removes the socket that a killed process left. Another process may do the same and listen already, so the file is
 * moved aside first, which only one process can do to one file, and asked again there.
 *
 * @returns the owner of a socket that turned out to be alive, and was put back
 */
async function removeDead(address: string): Promise<string | null> {
  if (process.platform === 'win32') return null; // pipes leave nothing behind
  const aside = `${address}.${process.pid}`;
  try {
    await rename(address, aside);
  } catch {
    return null; // another process was faster: listening again tells who won
  }
  const owner = await askOwner(aside);
  if (owner === null) await rm(aside, { force: true });
  else await rename(aside, address);
  return owner;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
