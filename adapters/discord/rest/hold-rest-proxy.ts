import { hostInUrl } from '../../../src/domain/networks.js';
import { type Holding, whileHolding } from '../../../src/fleet/while-holding.js';
import type { Leases } from '../../../src/ports/fleet/leases.js';
import type { Clock } from '../../../src/ports/process/clock.js';
import type { ProxyRoute } from './proxy-route.js';
import { proxyLease } from './proxy-route.js';
import { type RestProxy, type RestProxyOptions, serveRestProxy } from './rest-proxy.js';

export interface HeldRestProxyOptions extends RestProxyOptions {
  readonly leases: Leases;
  /** Names this process in leases. */
  readonly owner: string;
  /** Of this process: it needs no proxy while it is one. */
  readonly route: ProxyRoute;
  /** Where others reach it; null: at its host and port. */
  readonly url: string | null;
  readonly clock: Clock;
}

const LISTEN_AGAIN_MS = 1_000;
/** Prolonged sooner than that. */
const ANNOUNCED_FOR_MS = 6_000;

/** Runs the proxy of a bot whenever no other process does, and announces where it is, until `signal` aborts. */
export async function holdRestProxy(options: HeldRestProxyOptions, signal: AbortSignal): Promise<void> {
  const { leases, owner, clock, log, token, route, host, url } = options;
  let address: string | undefined;
  const name = proxyLease(token);
  await whileHolding({ leases, name, owner, note: () => address, clock, log, signal }, async (holding) => {
    const proxy = await listen(options, holding);
    if (proxy === null) return;
    route.servesItself = true;
    address = url ?? `http://${hostInUrl(host)}:${proxy.port}`;
    // At once, not when the lease is next prolonged: until then the others would go past the proxy.
    await leases.take(name, owner, ANNOUNCED_FOR_MS, address).catch(() => {});
    log.info({ address }, 'Discord requests of all processes with this token go through this one');
    await untilAborted(holding.signal);
    route.servesItself = false;
    address = undefined;
    await proxy.stop();
  });
}

/** @returns null once the lease is lost or the process stops */
async function listen(options: HeldRestProxyOptions, { signal }: Holding): Promise<RestProxy | null> {
  while (!signal.aborted) {
    try {
      return await serveRestProxy(options);
    } catch (error) {
      options.log.warn(
        { port: options.port, err: error },
        'the Discord proxy could not be opened; trying again',
      );
      await options.clock.sleep(LISTEN_AGAIN_MS, signal).catch(() => {});
    }
  }
  return null;
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
