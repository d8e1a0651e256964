import { EventEmitter } from 'node:events';
import { SimpleShardingStrategy } from '@discordjs/ws';
import { type BackOff, backOff } from '../../../src/domain/time/back-off.js';
import type { Clock } from '../../../src/ports/process/clock.js';

export interface ShardGuard {
  readonly clock: Clock;
  /** Ends every wait. */
  readonly signal: AbortSignal;
  /** A payload could not be handled; it is lost and the connection goes on. */
  readonly onBadPayload: (error: unknown) => void;
  /** A shard can no longer connect by itself. */
  readonly onBroken: (error: unknown) => void;
}

/** A connection that lasted this long was a good one: the next failure starts a new series. */
const STABLE_MS = 30_000;
const PACE: BackOff = { firstMs: 1_000, lastMs: 60_000 };

/**
 * Milliseconds to wait before connection number `attempt` of a series, counted from 0, besides the library's own half
 * second. The first two are free: a gateway that asks to reconnect means no harm.
 */
export function reconnectDelay(attempt: number): number {
  return attempt < 2 ? 0 : backOff(PACE, attempt - 1);
}

/**
 * The library's own sharding in this process, with two of its faults mended: an error while a payload is handled would
 * end the process as an unhandled rejection, and a gateway that cannot be reached would be tried twice a second for
 * ever. Neither has a switch, so both are wrapped on each shard.
 */
export class GuardedSharding extends SimpleShardingStrategy {
  readonly #guard: ShardGuard;

  constructor(manager: ConstructorParameters<typeof SimpleShardingStrategy>[0], guard: ShardGuard) {
    super(manager);
    this.#guard = guard;
  }

  override async spawn(shardIds: number[]): Promise<void> {
    await super.spawn(shardIds);
    const shards: unknown = Reflect.get(this, 'shards');
    if (!(shards instanceof Map)) return;
    for (const shard of shards.values()) guardShard(shard, this.#guard);
  }
}

interface EventSource {
  on(event: string, listener: () => void): unknown;
}

function guardShard(shard: object & EventSource, guard: ShardGuard): void {
  const { clock, signal, onBadPayload, onBroken } = guard;
  let attempt = 0;
  let upSince: number | null = null;
  const up = () => {
    upSince = clock.now();
  };
  shard.on('ready', up);
  shard.on('resumed', up);
  for (const method of ['onMessage', 'onClose', 'heartbeat']) {
    wrap(shard, method, (handle) => handle().catch(onBadPayload));
  }
  // Destroyed while it connects, a socket has no listener left for the error that follows: that ends the process.
  wrap(shard, 'destroy', (destroy) => {
    const connection: unknown = Reflect.get(shard, 'connection');
    if (connection instanceof EventEmitter) connection.on('error', () => {});
    return destroy();
  });
  wrap(shard, 'internalConnect', async (connect) => {
    if (upSince !== null && clock.now() - upSince >= STABLE_MS) attempt = 0;
    upSince = null;
    const delay = reconnectDelay(attempt++);
    try {
      if (delay > 0) await clock.sleep(delay, signal);
      signal.throwIfAborted();
      await connect();
    } catch (error) {
      if (!signal.aborted) onBroken(error);
    }
  });
}

/** Puts `around` between callers of a method and the method, where there is such a method. */
function wrap(
  target: object,
  method: string,
  around: (proceed: () => Promise<unknown>) => Promise<unknown>,
): void {
  const original: unknown = Reflect.get(target, method);
  if (typeof original !== 'function') return;
  Reflect.set(target, method, (...args: unknown[]) =>
    around(async () => Reflect.apply(original, target, args)),
  );
}
