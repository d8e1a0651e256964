import { databaseCodes } from './database-failure.js';

/** Of two statements that wait for each other PostgreSQL ends one; made again it finds the other's work done. */
const CONFLICTS = new Set([
  '40P01', // deadlock
  '40001', // serialization failure
  'P2034', // Prisma's code for either
]);

/** Each try ends one of those that wait in a circle, so that as many can meet. */
const TRIES = 5;

/** Runs a statement that locks many rows, again where it lost a conflict over them. It must be safe to repeat. */
export async function retryingConflicts<Result>(run: () => PromiseLike<Result>): Promise<Result> {
  for (let tried = 1; ; tried++) {
    try {
      return await run();
    } catch (error) {
      if (tried === TRIES || !databaseCodes(error).some((code) => CONFLICTS.has(code))) throw error;
    }
  }
}
