import type { Leases } from '../../../src/ports/fleet/leases.js';
import type { Clock } from '../../../src/ports/process/clock.js';

/** Leases by a clock that a test moves. */
export class ClockedLeases implements Leases {
  readonly held = new Map<string, { owner: string; until: number; note: string | null }>();
  answering: 'at once' | 'with an error' | 'never' = 'at once';
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async take(name: string, owner: string, ms: number, note?: string): Promise<boolean> {
    if (this.answering === 'with an error') throw new Error('out of reach');
    if (this.answering === 'never') return new Promise(() => {});
    const held = this.held.get(name);
    if (held && held.owner !== owner && held.until > this.#clock.now()) return false;
    this.held.set(name, { owner, until: this.#clock.now() + ms, note: note ?? null });
    return true;
  }

  async release(name: string, owner: string): Promise<void> {
    if (this.held.get(name)?.owner === owner) this.held.delete(name);
  }

  async note(name: string): Promise<string | null> {
    const held = this.held.get(name);
    return held && held.until > this.#clock.now() ? held.note : null;
  }

  async count(prefix: string): Promise<number> {
    const now = this.#clock.now();
    return [...this.held].filter(([name, { until }]) => name.startsWith(prefix) && until > now).length;
  }
}
