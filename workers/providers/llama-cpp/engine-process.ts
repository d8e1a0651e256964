import type { ChildProcess } from 'node:child_process';
import { ExpectedFailure } from '../../../src/domain/failure.js';
import type { Prompt } from '../../../src/domain/prompt.js';
import { MINUTE_MS } from '../../../src/domain/time/duration.js';
import type { GenerationRequest, StreamPart } from '../../../src/ports/models/model-provider.js';
import { type EngineInfo, type EngineStats, FromEngine, type ToEngine } from '../../engine/protocol.js';
import { PartQueue } from './part-queue.js';
import { type EngineStart, startEngine } from './start-engine.js';

/** How an engine's process came to its end. */
export interface EngineEnd {
  /** In words, for a log: `SIGKILL`, `exit code 1`, `no answer`. */
  readonly how: string;
  /** It was told to leave. */
  readonly expected: boolean;
}

/** How often an engine is asked whether it lives, and how long a silent or standing one is believed. */
const PING_EVERY_MS = 5_000;
const HANG_AFTER_MS = MINUTE_MS;
/** A batch may take this long: a big model on few cores. */
const STALL_AFTER_MS = 5 * MINUTE_MS;
const STOP_LIMIT_MS = 3_000;
/** Some gigabytes of states on a slow disk; the next request waits for it. */
const RETIRE_LIMIT_MS = 15_000;

type Reply = Extract<FromEngine, { id: number }> | { readonly type: 'delta'; readonly text: string };

/** One child process with one loaded model. It never restarts: whoever owns it starts another. */
export class EngineProcess {
  readonly info: EngineInfo;
  /** Resolves when the process is gone. */
  readonly ended: Promise<EngineEnd>;
  readonly #child: ChildProcess;
  readonly #options: EngineStart;
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
  static async start(options: EngineStart, signal: AbortSignal): Promise<EngineProcess> {
    const { child, info } = await startEngine(options, signal);
    return new EngineProcess(child, options, info);
  }

  private constructor(child: ChildProcess, options: EngineStart, info: EngineInfo) {
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

  /** Resolves once no file is left, and with the process: that takes its memory along. */
  async forget(cacheKey: string): Promise<void> {
    try {
      await this.#ask((id) => ({ type: 'forget', id, cacheKey }), undefined);
    } catch (error) {
      if (this.alive) throw error;
    }
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
  stop(): Promise<void> {
    return this.#leave({ type: 'shutdown' }, STOP_LIMIT_MS);
  }

  /** Ends the process as `stop` does, after it saved its warm conversations. For one that answers nobody. */
  retire(): Promise<void> {
    return this.#leave({ type: 'retire' }, RETIRE_LIMIT_MS);
  }

  async #leave(message: ToEngine, limitMs: number): Promise<void> {
    this.#leaving = true;
    if (this.#end !== null) return;
    this.#send(message);
    const limit = setTimeout(() => this.#child.kill('SIGKILL'), limitMs);
    await this.ended;
    clearTimeout(limit);
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
      case 'loading':
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

function unexpected(reply: Reply): Error {
  if (reply.type === 'failed') return new ExpectedFailure(reply.kind, reply.message);
  return new Error(`the engine ended a stream with ${reply.type}`);
}
