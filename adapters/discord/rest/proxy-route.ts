import type { RESTOptions } from '@discordjs/rest';
import type { Leases } from '../../../src/ports/fleet/leases.js';
import type { Clock } from '../../../src/ports/process/clock.js';
import type { Log } from '../../../src/ports/process/log.js';
import { botKey } from './bot-key.js';
import { PROXY_KEY_HEADER, proxyKey } from './rest-proxy.js';

type MakeRequest = RESTOptions['makeRequest'];

/** An announced address is believed for so long. */
const ASK_EVERY_MS = 2_000;

export interface ProxyRouteOptions {
  readonly token: string;
  /** Where the proxy is; null: where its holder announces it. */
  readonly url: string | null;
  readonly leases: Leases | null;
  readonly clock: Clock;
  readonly log: Log;
}

/** The name of the lease that the process with the proxy holds; its note is the proxy's address. */
export function proxyLease(token: string): string {
  return `${botKey(token)}/rest-proxy`;
}

/** Where this process sends its Discord requests: to the proxy of its bot, or to Discord itself. */
export class ProxyRoute {
  /** This process has the proxy: its requests are counted there already. */
  servesItself = false;
  readonly #options: ProxyRouteOptions;
  #announced: string | null = null;
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | null = null;
  #said = false;

  constructor(options: ProxyRouteOptions) {
    this.#options = options;
  }

  /** Sends by `proxied` what `direct` would send to `api`, where there is a proxy. */
  wrap(direct: MakeRequest, proxied: MakeRequest, api: string): MakeRequest {
    const key = proxyKey(this.#options.token);
    return async (url, init) => {
      const base = await this.#base();
      if (base === null) return direct(url, init);
      const headers = new Headers(init.headers);
      headers.set(PROXY_KEY_HEADER, key);
      if (headers.has('authorization')) headers.set('authorization', 'Bot of the proxy');
      try {
        const to = `${base}/api${url.slice(api.length)}`;
        return await proxied(to, { ...init, headers: Object.fromEntries(headers) });
      } catch (error) {
        this.#askedAt = Number.NEGATIVE_INFINITY;
        throw error;
      }
    };
  }

  async #base(): Promise<string | null> {
    const { url, log } = this.#options;
    if (this.servesItself) return null;
    const base = url ?? (await this.#ask());
    if (base === null && !this.#said) {
      this.#said = true;
      log.info(
        {},
        'no Discord proxy: this process sends its requests directly and counts limits by itself (DISCORD_PROXY_PORT, DISCORD_PROXY_URL)',
      );
    }
    return base;
  }

  async #ask(): Promise<string | null> {
    const { leases, clock, token } = this.#options;
    if (leases !== null && clock.now() - this.#askedAt >= ASK_EVERY_MS) {
      const first = this.#askedAt === Number.NEGATIVE_INFINITY;
      this.#askedAt = clock.now();
      this.#asking = leases.note(proxyLease(token)).then(
        (note) => {
          this.#announced = note?.replace(/\/+$/, '') ?? null;
        },
        () => {}, // out of reach: what was announced last may still hold
      );
      if (first) await this.#asking;
    }
    if (this.#announced === null) await this.#asking;
    return this.#announced;
  }
}
