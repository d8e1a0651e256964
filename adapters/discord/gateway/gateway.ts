import { setMaxListeners } from 'node:events';
import { REST } from '@discordjs/rest';
import { type IIdentifyThrottler, SimpleIdentifyThrottler } from '@discordjs/ws';
import { type APIGatewayBotInfo, Routes } from 'discord.js';
import { z } from 'zod';
import { type Holding, whileHolding } from '../../../src/fleet/while-holding.js';
import type { Leases } from '../../../src/ports/fleet/leases.js';
import type { Clock } from '../../../src/ports/process/clock.js';
import type { Log } from '../../../src/ports/process/log.js';
import type { KeyValueStore } from '../../../src/ports/settings/key-value-store.js';
import { botKey } from '../rest/bot-key.js';
import { discordRestOptions } from '../rest/rest.js';
import { CheckpointStore, type ShardId } from './checkpoint.js';
import type { GatewayListener } from './gateway-session.js';
import type { GuildDirectory } from './guild-directory.js';
import { LeasedIdentifyThrottler } from './identify-throttler.js';
import { keepConnected, retryWait, TOKEN_REFUSED } from './shard-connection.js';
import { ShardMemory } from './shard-memory.js';
import { ShardShare } from './shard-share.js';

export interface DiscordStatus {
  /**
   * `standby`: other processes hold the connection, and this one takes it over when they are gone. `resuming`: it was
   * lost, and is taken up where it was.
   */
  readonly state: 'stopped' | 'connecting' | 'resuming' | 'standby' | 'ready' | 'failed';
  /** `failed`: one sentence on what to do. */
  readonly problem?: string;
  /** False: without the message-content intent, replies without a ping and thread follow-ups arrive empty. */
  readonly readsMessages: boolean;
}

export interface GatewayOptions {
  readonly token: string;
  readonly apiUrl?: string;
  readonly listener: GatewayListener;
  readonly directory: GuildDirectory;
  readonly facts: KeyValueStore;
  /** Of several processes with this token, one at a time connects each shard. Null: there is only this one. */
  readonly leases: Leases | null;
  /** Names this process in leases. */
  readonly owner: string;
  /** Resolves when what was taken is recorded, or will not be any more. */
  readonly drained: () => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

type ShardState = 'connecting' | 'resuming' | 'standby' | 'ready' | 'failed';

const GatewayInfo = z.custom<APIGatewayBotInfo>(
  (value) => z.object({ shards: z.number().int().positive() }).safeParse(value).success,
);

/** Keeps this bot's connections to Discord's gateway, one for each shard. */
export class DiscordGateway {
  readonly #options: GatewayOptions;
  readonly #ending = new AbortController();
  /** Aborts where others must do without this process: Discord will not have it. */
  readonly #failing = new AbortController();
  readonly #shards = new Map<number, ShardState>();
  #running: Promise<void> | null = null;
  #stopped = true;
  #problem: string | null = null;
  #readsMessages = true;
  #settled: () => void = () => {};

  constructor(options: GatewayOptions) {
    this.#options = options;
    // Some waits for each shard, and one for each channel being read: all stop to listen when they end.
    setMaxListeners(0, this.#ending.signal);
  }

  get status(): DiscordStatus {
    const readsMessages = this.#readsMessages;
    if (this.#stopped) return { state: 'stopped', readsMessages };
    if (this.#problem !== null) return { state: 'failed', problem: this.#problem, readsMessages };
    const states = [...this.#shards.values()];
    if (states.length === 0 || states.includes('connecting')) return { state: 'connecting', readsMessages };
    if (states.includes('resuming')) return { state: 'resuming', readsMessages };
    return { state: states.includes('ready') ? 'ready' : 'standby', readsMessages };
  }

  /** Begins to connect. Resolves once connected, standing by or refused, at the latest after `patienceMs`; never rejects. */
  async start(patienceMs: number): Promise<DiscordStatus> {
    if (this.#running !== null) return this.status;
    const settled = new Promise<void>((resolve) => {
      this.#settled = resolve;
    });
    this.#stopped = false;
    this.#running = this.#run();
    await Promise.race([settled, this.#sleep(patienceMs)]);
    return this.status;
  }

  /** Disconnects, waits until what was taken is recorded, and lets others connect. May be called twice. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#ending.abort(new Error('the Discord adapter stops'));
    this.#settled();
    await this.#running;
  }

  async #run(): Promise<void> {
    const info = await this.#gatewayInfo();
    if (info === null) return;
    const { leases, owner, token, clock, log } = this.#options;
    const { max_concurrency: concurrency } = info.session_start_limit;
    const throttler = leases
      ? new LeasedIdentifyThrottler({ leases, token, concurrency, clock, log })
      : new SimpleIdentifyThrottler(concurrency);
    const shards = info.shards;
    const ids = Array.from({ length: shards }, (_, id) => ({ id, count: shards }));
    for (const { id } of ids) this.#shards.set(id, 'connecting');
    if (leases === null) {
      const holding = { signal: this.#ending.signal, lost: () => false };
      await Promise.all(
        ids.map((shard) => this.#hold(shard, throttler, holding).then((end) => this.#fail(end))),
      );
      return;
    }
    const share = new ShardShare({ leases, token, owner, shards, clock, log });
    const present = share.keep(AbortSignal.any([this.#ending.signal, this.#failing.signal]));
    await Promise.all(ids.map((shard) => this.#runShard(shard, throttler, leases, share)));
    await present;
  }

  /** How many shards Discord wants; null where it refuses the token, or the adapter stops. */
  async #gatewayInfo(): Promise<APIGatewayBotInfo | null> {
    const { token, apiUrl, log } = this.#options;
    const rest = new REST(discordRestOptions(apiUrl)).setToken(token);
    rest.clearHashSweeper();
    rest.clearHandlerSweeper();
    for (let failures = 0; !this.#ending.signal.aborted; ) {
      try {
        return GatewayInfo.parse(await rest.get(Routes.gatewayBot()));
      } catch (error) {
        if (error instanceof Error && 'status' in error && error.status === 401) {
          log.error({}, TOKEN_REFUSED);
          this.#fail(TOKEN_REFUSED);
          return null;
        }
        const waitMs = retryWait(failures++);
        const kind = error instanceof Error ? error.name : typeof error;
        log.warn({ waitMs, kind }, 'Discord cannot be reached; trying again');
        await this.#sleep(waitMs);
      }
    }
    return null;
  }

  /** Holds a shard whenever it falls to this process. */
  async #runShard(
    shard: ShardId,
    throttler: IIdentifyThrottler,
    leases: Leases,
    share: ShardShare,
  ): Promise<void> {
    const { owner, clock, log, token } = this.#options;
    const { signal } = this.#ending;
    const name = `${botKey(token)}/shard/${shard.id}-of-${shard.count}`;
    const onStandby = () => {
      share.release(shard.id);
      this.#set(shard, 'standby');
    };
    const mayTake = () => share.mayTake(shard.id, name);
    const holding = { leases, name, owner, note: () => 'held', clock, log, mayTake, onStandby, signal };
    for (let given = true; given; ) {
      const giving = new AbortController();
      const problem = await whileHolding(holding, async ({ signal: held, lost }) => {
        share.hold(shard.id, () => giving.abort(new Error('the shard goes to another process')));
        const until = AbortSignal.any([held, giving.signal]);
        return this.#hold(shard, throttler, { signal: until, lost });
      });
      onStandby();
      this.#fail(problem);
      given = giving.signal.aborted && !signal.aborted;
    }
  }

  /** Keeps a shard connected while this process holds it. */
  async #hold(shard: ShardId, throttler: IIdentifyThrottler, { signal, lost }: Holding) {
    const { facts, token, clock, log } = this.#options;
    setMaxListeners(0, signal);
    this.#set(shard, 'connecting');
    const store = new CheckpointStore(facts, token, shard);
    const memory = await this.#remember(store, shard, signal);
    if (memory === null) return null;
    const saving = memory.keepSaved(clock, log, signal);
    const problem = await keepConnected(
      {
        ...this.#options,
        shard,
        memory,
        throttler,
        onConnected: (connected) =>
          this.#set(shard, connected ? 'ready' : memory.session ? 'resuming' : 'connecting'),
        onWithoutContent: () => {
          this.#readsMessages = false;
        },
      },
      signal,
    );
    if (lost() || problem !== null) return problem;
    await saving;
    await this.#options.drained();
    if (!lost())
      await memory.save(null).catch((error: unknown) => log.warn({ err: error }, 'not stored at the end'));
    return null;
  }

  async #remember(store: CheckpointStore, shard: ShardId, signal: AbortSignal): Promise<ShardMemory | null> {
    for (let failures = 0; !signal.aborted; ) {
      try {
        return await ShardMemory.open(store, shard);
      } catch (error) {
        this.#options.log.warn({ err: error }, 'the last Discord session could not be read; trying again');
        await this.#options.clock.sleep(retryWait(failures++), signal).catch(() => {});
      }
    }
    return null;
  }

  #set({ id }: ShardId, state: ShardState): void {
    this.#shards.set(id, state);
    if (!['connecting', 'resuming', 'stopped'].includes(this.status.state)) this.#settled();
  }

  /** @param problem - null: there is none */
  #fail(problem: string | null): void {
    if (problem === null) return;
    this.#failing.abort();
    this.#problem = problem;
    this.#settled();
  }

  async #sleep(ms: number): Promise<void> {
    await this.#options.clock.sleep(ms, this.#ending.signal).catch(() => {});
  }
}
