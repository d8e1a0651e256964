import { statfs } from 'node:fs/promises';
import { ExpectedFailure } from '../../domain/failure.js';
import { describeBytes } from './describe-bytes.js';

/** Bytes that a folder's file system has left for us. */
export type FreeBytes = (folder: string) => Promise<number>;

/** Left free beside a download, for the database and the logs. */
const RESERVE_BYTES = 256 * 1024 * 1024;

export const freeBytesOf: FreeBytes = async (folder) => {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
};

/** @throws {ExpectedFailure} `setup` where `bytes` more and a reserve do not fit */
export async function requireSpace(folder: string, bytes: number, freeBytes: FreeBytes): Promise<void> {
  const free = await freeBytes(folder);
  if (free >= bytes + RESERVE_BYTES) return;
  throw new ExpectedFailure(
    'setup',
    `The disk of ${folder} has ${describeBytes(free)} free, and ${describeBytes(bytes)} with a reserve of ${describeBytes(RESERVE_BYTES)} are needed: free some space, set PARLEY_DATA_DIR to another disk, or choose a smaller model.`,
  );
}

/** The same failure, met while writing. Anything else is given back as it is. */
export function asDiskFailure(error: unknown, folder: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  return new ExpectedFailure(
    'setup',
    `The disk of ${folder} is full, so the download stopped and what had come was removed: free some space, set PARLEY_DATA_DIR to another disk, or choose a smaller model.`,
    { cause: error },
  );
}
