import { ExpectedFailure } from '../domain/failure.js';
import type { StartOptions } from './run-options.js';

/**
 * `parley start`: runs until `options.signal` aborts, then stops all it started.
 *
 * @throws {ExpectedFailure} `setup` where it cannot run
 */
export async function start(options: StartOptions): Promise<void> {
  throw new ExpectedFailure('setup', `Nothing runs ${options.roles.join(', ')} yet.`);
}
