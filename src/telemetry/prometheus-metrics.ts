import type { Platform } from '../domain/address.js';
import type { FailureKind } from '../domain/failure.js';
import type { GeneratedReply, TurnOutcome } from '../domain/turn.js';
import type { Clock } from '../ports/process/clock.js';
import type { BreakerState, Exposition, Metrics } from '../ports/telemetry/metrics.js';
import type { Backlog } from '../ports/turns/turn-upkeep.js';
import { within } from '../process/time-limit.js';
import type { Instruments } from './instruments.js';

/** Slots of one local model's process. */
export interface EngineSlots {
  readonly model: string;
  readonly slots: number;
  readonly busySlots: number;
  readonly waiting: number;
}

/** What is read for each scrape, where it is there. */
export interface WatchedState {
  backlog(): Promise<Backlog>;
  queueDepths(): Promise<ReadonlyMap<string, number>>;
  engines(): Promise<readonly EngineSlots[]>;
}

/** The library takes a tenth of a second to load: after the start, or with the first scrape if that comes sooner. */
const LOAD_AFTER_MS = 5_000;
/** Prometheus gives up after 10 s: a gauge that takes longer than this is left out. */
const SOURCE_LIMIT_MS = 2_000;

const BREAKER: Readonly<Record<BreakerState, number>> = { closed: 0, 'half-open': 1, open: 2 };

type Recording = (instruments: Instruments) => void;

/** Counts for Prometheus, in this process. */
export class PrometheusMetrics implements Metrics {
  readonly #clock: Clock;
  readonly #stopping = new AbortController();
  /** What was counted before the library was loaded. */
  readonly #early: Recording[] = [];
  readonly #watched: Partial<WatchedState> = {};
  #loading: Promise<Instruments> | null = null;
  #instruments: Instruments | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
    clock.sleep(LOAD_AFTER_MS, this.#stopping.signal).then(
      () => this.#load(),
      () => {},
    );
  }

  /** Reads these for each scrape from now on. */
  watch(state: Partial<WatchedState>): void {
    Object.assign(this.#watched, state);
  }

  /** All metrics as Prometheus reads them. Gauges that cannot be read are left out; never throws for that. */
  async read(): Promise<Exposition> {
    const { registry } = await this.#load();
    await Promise.all([this.#readBacklog(), this.#readQueue(), this.#readEngines()]);
    return { contentType: registry.contentType, text: await registry.metrics() };
  }

  stop(): void {
    this.#stopping.abort();
  }

  turnEnded(platform: Platform, outcome: TurnOutcome, tookMs: number | null): void {
    const reason = outcome.state === 'failed' ? outcome.kind : '';
    this.#record(({ turns, turnSeconds }) => {
      turns.inc({ platform, outcome: outcome.state, reason });
      if (tookMs !== null) turnSeconds.observe({ platform }, tookMs / 1000);
    });
  }

  generated({ model, usage, timeToFirstTokenMs, tokensPerSecond }: GeneratedReply): void {
    this.#record((instruments) => {
      instruments.promptTokens.inc({ model }, usage.prompt);
      instruments.cachedTokens.inc({ model }, usage.cached);
      instruments.replyTokens.inc({ model }, usage.reply);
      if (timeToFirstTokenMs !== null) instruments.firstToken.observe({ model }, timeToFirstTokenMs / 1000);
      if (tokensPerSecond !== null) instruments.tokensPerSecond.observe({ model }, tokensPerSecond);
    });
  }

  firstVisibleText(platform: Platform, afterMs: number): void {
    this.#record(({ firstVisibleText }) => firstVisibleText.observe({ platform }, afterMs / 1000));
  }

  sent(platform: Platform, how: 'post' | 'edit'): void {
    this.#record(({ sends }) => sends.inc({ platform, how }));
  }

  editsSaved(platform: Platform, versions: number): void {
    this.#record(({ editsSaved }) => editsSaved.inc({ platform }, versions));
  }

  rateLimited(platform: Platform, method: string): void {
    this.#record(({ rateLimited }) => rateLimited.inc({ platform, method }));
  }

  undecidedSend(platform: Platform): void {
    this.#record(({ undecidedSends }) => undecidedSends.inc({ platform }));
  }

  providerFailed(model: string, kind: FailureKind): void {
    this.#record(({ providerErrors }) => providerErrors.inc({ model, kind }));
  }

  breaker(endpoint: string, state: BreakerState): void {
    this.#record(({ breaker }) => breaker.set({ endpoint }, BREAKER[state]));
  }

  engineStarted(model: string): void {
    this.#record(({ engineStarts, engineCrashes }) => {
      engineStarts.inc({ model });
      engineCrashes.inc({ model }, 0);
    });
  }

  engineCrashed(model: string): void {
    this.#record(({ engineCrashes }) => engineCrashes.inc({ model }));
  }

  #record(record: Recording): void {
    if (this.#instruments) record(this.#instruments);
    else this.#early.push(record);
  }

  #load(): Promise<Instruments> {
    this.#loading ??= import('./instruments.js').then(({ createInstruments }) => {
      const instruments = createInstruments();
      for (const record of this.#early.splice(0)) record(instruments);
      this.#instruments = instruments;
      return instruments;
    });
    return this.#loading;
  }

  async #readBacklog(): Promise<void> {
    const backlog = await this.#source('database', this.#watched.backlog);
    this.#record(({ unfinished, oldestPending }) => {
      unfinished.reset();
      oldestPending.remove();
      if (!backlog) return;
      unfinished.set({ state: 'pending' }, backlog.pending);
      unfinished.set({ state: 'running' }, backlog.running);
      oldestPending.set(backlog.oldestPendingMs / 1000);
    });
  }

  async #readQueue(): Promise<void> {
    const depths = (await this.#source('queue', this.#watched.queueDepths)) ?? [];
    this.#record(({ queueDepth }) => {
      queueDepth.reset();
      for (const [queue, depth] of depths) queueDepth.set({ queue }, depth);
    });
  }

  async #readEngines(): Promise<void> {
    const engines = (await this.#source('engine', this.#watched.engines)) ?? [];
    this.#record((instruments) => {
      for (const each of [instruments.slots, instruments.slotsUsed, instruments.slotsWaiting]) each.reset();
      for (const { model, slots, busySlots, waiting } of engines) {
        instruments.slots.set({ model }, slots);
        instruments.slotsUsed.set({ model }, busySlots);
        instruments.slotsWaiting.set({ model }, waiting);
      }
    });
  }

  /** What a source says; undefined where there is none, or where it fails or takes too long. */
  async #source<T>(name: string, ask: (() => Promise<T>) | undefined): Promise<T | undefined> {
    if (!ask) return undefined;
    try {
      return await within(SOURCE_LIMIT_MS, ask(), () => new Error('no answer in time'), this.#clock);
    } catch {
      this.#record(({ sourceFailures }) => sourceFailures.inc({ source: name }));
      return undefined;
    }
  }
}
