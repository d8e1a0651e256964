import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { ExpectedFailure } from '../../../src/domain/failure.js';
import type { Clock } from '../../../src/ports/process/clock.js';
import type { Log } from '../../../src/ports/process/log.js';
import { type EngineInfo, FromEngine, type LoadOptions, type ToEngine } from '../../engine/protocol.js';
import { engineEnvironment } from './engine-environment.js';

export interface EngineStart {
  /** Path of the compiled `workers/engine/main`. */
  readonly entry: string;
  readonly model: string;
  readonly load: LoadOptions;
  readonly clock: Clock;
  readonly log: Log;
  /** Longest time a load may take, in milliseconds. */
  readonly loadTimeoutMs: number;
  /** Called where the process ends by itself before the model is loaded. */
  readonly onLoadCrash: (how: string) => void;
  /** Told how much is loaded, 0 to 1. */
  readonly onLoadProgress?: (progress: number) => void;
}

/** Of what the child wrote to stderr: enough for llama.cpp's last words. */
const LAST_WORDS = 1_000;

/**
 * Starts a child process and loads a model in it. On failure the child is gone.
 *
 * @throws {ExpectedFailure} where the model cannot be loaded here, or not in time
 * @throws `signal.reason`
 */
export async function startEngine(
  options: EngineStart,
  signal: AbortSignal,
): Promise<{ readonly child: ChildProcess; readonly info: EngineInfo }> {
  signal.throwIfAborted();
  const child = fork(options.entry, [], {
    // No .env, no source and no place for a core file lies there; whom we run models as may rarely write there.
    cwd: path.parse(options.entry).root,
    env: { ...engineEnvironment(process.env), ...threadPool(options.load.threads) },
    execArgv: [],
    serialization: 'json',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  try {
    return { child, info: await loaded(child, options, signal) };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

/**
 * libuv's threads run each batch and each sampling. With few cores a batch that wanders between them loses its caches:
 * measured on two cores, one reply is 7 % faster with two of these threads than with the default four.
 */
function threadPool(threads: number): { readonly UV_THREADPOOL_SIZE: string } {
  return { UV_THREADPOOL_SIZE: String(Math.min(4, threads + 1)) };
}

/** Waits for `ready`, within the time limit. */
async function loaded(child: ChildProcess, options: EngineStart, signal: AbortSignal): Promise<EngineInfo> {
  const limit = new AbortController();
  const lastWords = tail(child);
  try {
    return await new Promise<EngineInfo>((resolve, reject) => {
      child.once('error', (cause) =>
        reject(new ExpectedFailure('provider-unavailable', 'The engine could not be started.', { cause })),
      );
      child.once('exit', (code, by) => {
        options.log.warn({ model: options.model, stderr: lastWords() }, 'engine ended while loading');
        const how = by ?? `exit code ${code}`;
        options.onLoadCrash(how);
        reject(
          new ExpectedFailure(
            'provider-rejected',
            `The model ${options.model} ended its engine while loading (${how}): its file is malformed, or the memory does not suffice.`,
          ),
        );
      });
      child.on('message', function listen(raw) {
        const message = FromEngine.parse(raw);
        if (message.type === 'loading') options.onLoadProgress?.(message.progress);
        if (message.type === 'ready') resolve(message.info);
        else if (message.type === 'refused') reject(new ExpectedFailure(message.kind, message.message));
        else return;
        child.off('message', listen);
      });
      signal.addEventListener('abort', () => reject(signal.reason), { signal: limit.signal });
      options.clock.sleep(options.loadTimeoutMs, limit.signal).then(
        () =>
          reject(
            new ExpectedFailure(
              'provider-unavailable',
              `The model ${options.model} was not loaded within ${options.loadTimeoutMs / 1000} s.`,
            ),
          ),
        () => undefined,
      );
      const message: ToEngine = { type: 'load', options: options.load };
      child.send(message, () => undefined);
    });
  } finally {
    limit.abort();
    child.removeAllListeners('exit');
    child.removeAllListeners('error');
    child.on('error', () => undefined);
  }
}

/** Keeps the end of what a child writes to stderr; it would stand still if nobody read it. */
function tail(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-LAST_WORDS);
  });
  return () => text;
}
