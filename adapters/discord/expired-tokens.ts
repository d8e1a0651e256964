import type { Clock } from '../../src/ports/clock.js';
import type { InteractionTarget } from './target.js';

/** A token is left alone this long before it runs out: an answer under way should still arrive. */
const MARGIN_MS = 20_000;
const MOST_REMEMBERED = 10_000;

/** Interactions whose token Discord takes no more, sooner than their time says. */
export class ExpiredTokens {
  readonly #clock: Clock;
  readonly #refused = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  alive({ interactionId, expiresAt }: InteractionTarget): boolean {
    return this.#clock.now() < expiresAt - MARGIN_MS && !this.#refused.has(interactionId);
  }

  note({ interactionId }: InteractionTarget): void {
    const [oldest] = this.#refused;
    if (oldest !== undefined && this.#refused.size >= MOST_REMEMBERED) this.#refused.delete(oldest);
    this.#refused.add(interactionId);
  }
}
