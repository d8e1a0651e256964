import { mkdir, statfs } from 'node:fs/promises';
import { ExpectedFailure } from '../../domain/failure.js';

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
    `The disk of ${folder} has ${inGigabytes(free)} free, and ${inGigabytes(bytes)} with a reserve of ${inGigabytes(RESERVE_BYTES)} are needed: free some space, set PARLEY_DATA_DIR to another disk, or choose a smaller model.`,
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

/**
 * Makes a folder for model files, and those above it, for this user alone.
 *
 * @throws {ExpectedFailure} `setup` where it cannot be made
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new ExpectedFailure(
      'setup',
      `The folder ${folder} cannot be made (${code}): give its owner the right to write, or set PARLEY_DATA_DIR to another folder.`,
      { cause: error },
    );
  }
}

export function inGigabytes(bytes: number): string {
  return bytes >= 1e8 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`;
}
