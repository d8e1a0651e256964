import { userInfo } from 'node:os';
import path from 'node:path';
import { conversationFile } from '../../adapters/terminal/conversation-file.js';
import { runTerminalChat } from '../../adapters/terminal/run-terminal-chat.js';
import { startParley } from '../compose/parley.js';
import type { ParleyConfig } from '../config/parley-config.js';
import { ExpectedFailure } from '../domain/failure.js';
import { makeFolder } from '../process/make-folder.js';
import { catalogOfConfig } from './catalog-of-config.js';
import { getFirstModels } from './get-first-models.js';
import type { RunOptions } from './run-options.js';
import { webUrl } from './web-url.js';

/** A server on this machine answers within this time, or there is none. */
const PROBE_MS = 1_000;

/** How the chat reaches a Parley: one that runs already, or one of its own. */
interface Reached {
  readonly fetch: (request: Request) => Promise<Response>;
  readonly baseUrl: string;
  stop(): Promise<void>;
}

/**
 * `parley chat`: talks in the terminal until the person leaves or `options.signal` aborts. Talks to the Parley that
 * runs on this configuration's address, and starts one inside this process where none does.
 *
 * @throws {ExpectedFailure} `setup` where it cannot run
 */
export async function chat(options: RunOptions): Promise<void> {
  const { config, signal } = options;
  await makeFolder(config.dataDir);
  const reached = (await runningServer(config)) ?? (await ownParley(options));
  try {
    const { failures } = await runTerminalChat({
      ...reached,
      userId: userName(),
      input: process.stdin,
      output: process.stdout,
      conversation: conversationFile(path.join(config.dataDir, 'terminal-conversation')),
      signal,
      ...(config.web.apiKey === null ? {} : { apiKey: config.web.apiKey }),
    });
    // A person saw each failure; a script that pipes questions in sees the exit code.
    if (failures > 0 && !process.stdin.isTTY) throw new ExpectedFailure('setup', notAnswered(failures));
  } finally {
    await reached.stop();
  }
}

async function runningServer({ web }: ParleyConfig): Promise<Reached | null> {
  const baseUrl = webUrl(web);
  try {
    const answer = await fetch(`${baseUrl}/healthz`, { signal: AbortSignal.timeout(PROBE_MS) });
    return answer.ok ? { fetch, baseUrl, stop: async () => {} } : null;
  } catch {
    return null;
  }
}

async function ownParley(options: RunOptions): Promise<Reached> {
  const { config, clock, log, signal } = options;
  const catalog = catalogOfConfig(config, options);
  const missing = await getFirstModels(catalog, options);
  const parley = await startParley(config, { catalog, clock, log, serve: false, missing, signal });
  return {
    fetch: (request) => parley.web.fetch(request),
    baseUrl: 'http://127.0.0.1',
    stop: () => parley.stop(),
  };
}

function notAnswered(count: number): string {
  return `${count === 1 ? '1 line was' : `${count} lines were`} not answered: the reasons stand above.`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'you'; // a container's user need not have a name
  }
}
