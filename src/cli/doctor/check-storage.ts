import { rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ExpectedFailure } from '../../domain/failure.js';
import { makeFolder } from '../../process/make-folder.js';
import { reasonOf } from './ask-api.js';
import { type Check, type Finding, fail, ok, warn } from './finding.js';

/** The data folder: made if missing, as a start would do, and written to. */
export function dataFolderCheck(folder: string): Check {
  return {
    name: 'Data folder',
    async run() {
      try {
        await makeFolder(folder);
        const probe = path.join(folder, `.doctor-${process.pid}`);
        await writeFile(probe, 'probe');
        await rm(probe);
      } catch (error) {
        return [
          fail(
            `${folder} cannot be written to (${reasonOf(error)})`,
            'Give its owner the right to write, or set PARLEY_DATA_DIR to another folder.',
          ),
        ];
      }
      return [ok(`${folder} can be written to`), ...(await openToOthers(folder))];
    },
  };
}

async function openToOthers(folder: string): Promise<readonly Finding[]> {
  const { mode } = await stat(folder);
  if (process.platform === 'win32' || (mode & 0o077) === 0) return [];
  return [warn(`others on this machine can read ${folder}`, `Run: chmod 700 ${folder}`)];
}

/**
 * The database: opened and brought up to date, as a start would do.
 *
 * @param open - throws {ExpectedFailure} `setup`, with what to do about it
 */
export function databaseCheck(
  where: string,
  open: (signal: AbortSignal) => Promise<{ stop(): Promise<void> }>,
): Check {
  return {
    name: 'Database',
    async run(signal) {
      try {
        const database = await open(signal);
        await database.stop();
        return [ok(`${where} opens, and its tables are up to date`)];
      } catch (error) {
        if (!(error instanceof ExpectedFailure)) throw error;
        // A doctor asked while Parley runs is the usual case.
        const owner = /already in use by process (\w+)/.exec(error.message)?.[1];
        if (owner !== undefined)
          return [ok(`${where} is in use by process ${owner}: Parley runs on this folder, which is fine`)];
        return [
          fail(error.message, 'Do what the sentence says; DATABASE_URL unset means the embedded database.'),
        ];
      }
    },
  };
}
