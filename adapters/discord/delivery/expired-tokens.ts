import type { Clock } from '../../../src/ports/process/clock.js';
import type { InteractionTarget, LiveInteraction } from './target.js';

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

  /** @returns null where the interaction can no longer be answered */
  alive(target: InteractionTarget): LiveInteraction | null {
    const { interactionId, credential } = target;
    if (!credential || this.#refused.has(interactionId)) return null;
    return this.#clock.now() < credential.expiresAt - MARGIN_MS
      ? { ...target, token: credential.token }
      : null;
  }

  note({ interactionId }: InteractionTarget): void {
    const [oldest] = this.#refused;
    if (oldest !== undefined && this.#refused.size >= MOST_REMEMBERED) this.#refused.delete(oldest);
    this.#refused.add(interactionId);
  }
}
