import { ExpectedFailure } from '../../../src/domain/failure.js';
import type { Clock } from '../../../src/ports/process/clock.js';
import type { Log } from '../../../src/ports/process/log.js';
import type { Metrics } from '../../../src/ports/telemetry/metrics.js';
import { decideRestart, isCrashLoop } from './crash-policy.js';
import type { EngineProcess } from './engine-process.js';

export interface SupervisedEngineOptions {
  readonly model: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'engineStarted' | 'engineCrashed'>;
  /** Starts a process with the model loaded; tells of one that ended by itself before that. */
  readonly start: (signal: AbortSignal, onLoadCrash: (how: string) => void) => Promise<EngineProcess>;
}

/** Keeps one model's engine: starts it at first use and again after a crash, unless it crashes again and again. */
export class SupervisedEngine {
  readonly #options: SupervisedEngineOptions;
  readonly #stopping = new AbortController();
  #crashes: number[] = [];
  #lastCrash = '';
  #engine: EngineProcess | null = null;
  #starting: Promise<EngineProcess> | null = null;
  #unloading: Promise<void> = Promise.resolve();

  constructor(options: SupervisedEngineOptions) {
    this.#options = options;
  }

  /** What runs now, or null. */
  get current(): EngineProcess | null {
    return this.#engine?.alive ? this.#engine : null;
  }

  get loading(): boolean {
    return this.#starting !== null;
  }

  /**
   * The running engine, started where there is none. All who wait share one start.
   *
   * @throws {ExpectedFailure} what `start` throws, or `provider-unavailable` in a crash loop
   * @throws `signal.reason`; the start goes on for the others
   */
  async acquire(signal?: AbortSignal): Promise<EngineProcess> {
    signal?.throwIfAborted();
    const running = this.current;
    if (running !== null) return running;
    this.#starting ??= this.#start().finally(() => {
      this.#starting = null;
    });
    return signal === undefined ? this.#starting : unlessAborted(this.#starting, signal);
  }

  /**
   * Ends the running engine, its warm conversations saved; the next `acquire` starts another, once `afterwards` is done
   * too.
   *
   * @throws what `afterwards` throws
   */
  unload(afterwards: () => Promise<void> = async () => {}): Promise<void> {
    const engine = this.current;
    if (engine !== null)
      this.#options.log.info({ model: this.#options.model }, 'unloading a model that nobody uses');
    const retired = Promise.all([this.#unloading, engine?.retire()]);
    const done = retired.then(afterwards);
    this.#unloading = done.catch(() => {});
    return done;
  }

  /** Resolves once an engine that is being unloaded writes nothing more. */
  unloaded(): Promise<void> {
    return this.#unloading;
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new ExpectedFailure('provider-unavailable', 'The local engine was stopped.'));
    await this.#starting?.catch(() => undefined);
    await this.#engine?.stop();
  }

  async #start(): Promise<EngineProcess> {
    const { clock, log, model } = this.#options;
    const { signal } = this.#stopping;
    await this.#unloading;
    signal.throwIfAborted();
    const decision = decideRestart(this.#crashes, clock.now());
    if (decision.type === 'give-up') {
      throw new ExpectedFailure(
        'provider-unavailable',
        `The engine of ${model} crashed several times in a minute (${this.#lastCrash}) and is left alone for now.`,
        { retryAfterMs: decision.retryAfterMs },
      );
    }
    if (decision.afterMs > 0) await clock.sleep(decision.afterMs, signal);
    const startedAt = clock.now();
    const engine = await this.#options.start(signal, (how) => this.#crashed(how));
    const { info } = engine;
    log.info({ model, ...info, startMs: clock.now() - startedAt }, 'engine ready');
    this.#options.metrics.engineStarted(model);
    this.#engine = engine;
    void engine.ended.then((end) => {
      if (end.expected) return;
      log.error({ model, how: end.how }, 'engine crashed; running replies are tried again');
      this.#crashed(end.how);
    });
    return engine;
  }

  #crashed(how: string): void {
    this.#lastCrash = how;
    this.#options.metrics.engineCrashed(this.#options.model);
    this.#crashes = [...this.#crashes.slice(-9), this.#options.clock.now()];
    if (isCrashLoop(this.#crashes)) {
      this.#options.log.error(
        { model: this.#options.model, how },
        'engine crashes in a loop; leaving it alone',
      );
    }
  }
}

async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
