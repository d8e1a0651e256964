import { type ChildProcess, fork } from 'node:child_process';
import { ExpectedFailure } from '../../../src/domain/failure.js';
import type { Prompt } from '../../../src/domain/prompt.js';
import type { Clock } from '../../../src/ports/clock.js';
import type { Log } from '../../../src/ports/log.js';
import type { GenerationRequest, StreamPart } from '../../../src/ports/model-provider.js';
import {
  type EngineInfo,
  type EngineStats,
  FromEngine,
  type LoadOptions,
  type ToEngine,
} from '../../engine/protocol.js';
import { engineEnvironment } from './engine-environment.js';
import { PartQueue } from './part-queue.js';

export interface EngineProcessOptions {
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
}

/** How an engine's process came to its end. */
export interface EngineEnd {
  /** In words, for a log: `SIGKILL`, `exit code 1`, `no answer`. */
  readonly how: string;
  /** It was told to leave. */
  readonly expected: boolean;
}

/** How often an engine is asked whether it lives, and how long a silent or standing one is believed. */
const PING_EVERY_MS = 5_000;
const HANG_AFTER_MS = 60_000;
/** A batch may take this long: a big model on few cores. */
const STALL_AFTER_MS = 300_000;
const STOP_LIMIT_MS = 3_000;
/** Of what the child wrote to stderr: enough for llama.cpp's last words. */
const LAST_WORDS = 1_000;

type Reply = Extract<FromEngine, { id: number }> | { readonly type: 'delta'; readonly text: string };

/** One child process with one loaded model. It never restarts: whoever owns it starts another. */
export class EngineProcess {
  readonly info: EngineInfo;
  /** Resolves when the process is gone. */
  readonly ended: Promise<EngineEnd>;
  readonly #child: ChildProcess;
  readonly #options: EngineProcessOptions;
  readonly #replies = new Map<number, PartQueue<Reply>>();
  readonly #watch = new AbortController();
  #nextId = 1;
  #end: EngineEnd | null = null;
  #leaving = false;
  #killedFor: string | null = null;

  /**
   * Starts a process and loads the model.
   *
   * @throws {ExpectedFailure} `model-missing`, `provider-rejected` or `setup` where the model cannot be loaded here
   * @throws `signal.reason`
   */
  static async start(options: EngineProcessOptions, signal: AbortSignal): Promise<EngineProcess> {
    signal.throwIfAborted();
    const child = fork(options.entry, [], {
      env: engineEnvironment(process.env),
      execArgv: [],
      serialization: 'json',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    try {
      const info = await loaded(child, options, signal);
      return new EngineProcess(child, options, info);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  private constructor(child: ChildProcess, options: EngineProcessOptions, info: EngineInfo) {
    this.#child = child;
    this.#options = options;
    this.info = info;
    this.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        const how = this.#killedFor ?? signal ?? `exit code ${code}`;
        this.#end = { how, expected: this.#leaving };
        this.#watch.abort();
        for (const reply of this.#replies.values()) reply.fail(this.#gone());
        resolve(this.#end);
      });
    });
    child.on('message', (raw) => this.#receive(FromEngine.parse(raw)));
    child.on('error', () => this.#kill('channel error'));
    void this.#heartbeat();
  }

  get alive(): boolean {
    return this.#end === null && !this.#leaving;
  }

  async countTokens(prompt: Prompt, signal?: AbortSignal): Promise<number> {
    const counted = await this.#ask((id) => ({ type: 'count', id, prompt: [...prompt] }), signal);
    if (counted.type !== 'counted') throw new Error(`the engine answered a count with ${counted.type}`);
    return counted.tokens;
  }

  async stats(signal?: AbortSignal): Promise<EngineStats> {
    const pong = await this.#ask((id) => ({ type: 'ping', id }), signal);
    if (pong.type !== 'pong') throw new Error(`the engine answered a ping with ${pong.type}`);
    return pong.stats;
  }

  forget(cacheKey: string): void {
    this.#send({ type: 'forget', cacheKey });
  }

  async *stream(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<StreamPart> {
    const { prompt, sampling, cacheKey } = request;
    const { id, replies, close } = this.#open(signal);
    let over = false;
    try {
      this.#send({
        type: 'generate',
        id,
        prompt: [...prompt],
        sampling: { ...sampling, stop: [...sampling.stop] },
        cacheKey,
      });
      while (!over) {
        const reply = await replies.next();
        if (reply.type === 'delta') yield reply;
        else if (reply.type === 'queued') yield { type: 'queued', ahead: reply.ahead };
        else {
          over = true;
          if (reply.type !== 'finish') throw unexpected(reply);
          const { reason, usage, timeToFirstTokenMs, tokensPerSecond } = reply;
          yield { type: 'finish', reason, usage, timeToFirstTokenMs, tokensPerSecond };
        }
      }
    } finally {
      close();
      if (!over) this.#send({ type: 'abort', id });
    }
  }

  /** Ends the process; its replies fail. Within a few seconds, by force where it does not leave. */
  async stop(): Promise<void> {
    this.#leaving = true;
    if (this.#end === null) {
      this.#send({ type: 'shutdown' });
      const limit = setTimeout(() => this.#child.kill('SIGKILL'), STOP_LIMIT_MS);
      await this.ended;
      clearTimeout(limit);
    }
  }

  async #ask(message: (id: number) => ToEngine, signal: AbortSignal | undefined): Promise<Reply> {
    const { id, replies, close } = this.#open(signal);
    try {
      this.#send(message(id));
      const reply = await replies.next();
      if (reply.type === 'failed') throw unexpected(reply);
      return reply;
    } finally {
      close();
    }
  }

  #open(signal: AbortSignal | undefined): { id: number; replies: PartQueue<Reply>; close: () => void } {
    signal?.throwIfAborted();
    const id = this.#nextId++;
    const replies = new PartQueue<Reply>();
    this.#replies.set(id, replies);
    if (!this.alive) replies.fail(this.#gone());
    const abort = () => replies.abort(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    const close = () => {
      signal?.removeEventListener('abort', abort);
      this.#replies.delete(id);
    };
    return { id, replies, close };
  }

  #receive(message: FromEngine): void {
    switch (message.type) {
      case 'deltas':
        for (const [id, text] of message.texts) this.#replies.get(id)?.push({ type: 'delta', text });
        break;
      case 'log':
        this.#options.log[message.level]({ model: this.#options.model }, message.message);
        break;
      case 'ready':
      case 'refused':
        break;
      default:
        this.#replies.get(message.id)?.push(message);
    }
  }

  #send(message: ToEngine): void {
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  /** Kills a process that no longer answers, or whose batch never ends. */
  async #heartbeat(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#watch;
    try {
      for (;;) {
        await clock.sleep(PING_EVERY_MS, signal);
        const late = new AbortController();
        const limit = clock.sleep(HANG_AFTER_MS, late.signal).then(
          () => this.#kill('no answer to a ping'),
          () => undefined,
        );
        const { stalledMs } = await this.stats(signal).finally(() => late.abort());
        await limit;
        if (stalledMs > STALL_AFTER_MS) this.#kill('a batch that never ended');
      }
    } catch {
      // The process is gone, or leaving.
    }
  }

  #kill(why: string): void {
    this.#killedFor ??= why;
    this.#child.kill('SIGKILL');
  }

  #gone(): ExpectedFailure {
    return this.#leaving
      ? new ExpectedFailure('provider-unavailable', 'The local engine was stopped.')
      : new ExpectedFailure(
          'provider-unavailable',
          `The local engine ended: ${this.#end?.how ?? 'unknown'}.`,
        );
  }
}

/** Waits for `ready`, within the time limit. */
async function loaded(
  child: ChildProcess,
  options: EngineProcessOptions,
  signal: AbortSignal,
): Promise<EngineInfo> {
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

function unexpected(reply: Reply): Error {
  if (reply.type === 'failed') return new ExpectedFailure(reply.kind, reply.message);
  return new Error(`the engine ended a stream with ${reply.type}`);
}
