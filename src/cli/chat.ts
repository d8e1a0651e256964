import { ExpectedFailure } from '../domain/failure.js';
import type { ChatOptions } from './run-options.js';

/**
 * `parley chat`: talks in the terminal until the person leaves or `options.signal` aborts.
 *
 * @throws {ExpectedFailure} `setup` where it cannot run
 */
export async function chat(options: ChatOptions): Promise<void> {
  throw new ExpectedFailure(
    'setup',
    `Nothing answers in the terminal yet (${options.model ?? 'default model'}).`,
  );
}
