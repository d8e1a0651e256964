import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { ExpectedFailure } from '../domain/failure.js';

/**
 * Makes a folder below the data folder, and those above it that are missing, for this user alone.
 *
 * @throws {ExpectedFailure} `setup` where it cannot be made
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await makeEach(path.resolve(folder));
  } catch (error) {
    const { code, path: refused } = error as NodeJS.ErrnoException;
    throw new ExpectedFailure(
      'setup',
      `The folder ${folder} cannot be made (${code} at ${refused}): give its owner the right to write, or set PARLEY_DATA_DIR to another folder.`,
      { cause: error },
    );
  }
}

/** Node's own recursive mkdir never ends where a folder that is there answers ENOENT, as /proc does. */
async function makeEach(folder: string): Promise<void> {
  const above = path.dirname(folder);
  try {
    await makeOne(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || above === folder) throw error;
    await makeEach(above);
    await makeOne(folder);
  }
}

async function makeOne(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    // Another process may have made it meanwhile.
    const found = await stat(folder).catch(() => null);
    if (found?.isDirectory() !== true) throw error;
  }
}
