/** Longest step that a prompt may cause, in milliseconds: what other streams wait, and an abort. */
const STEP_BUDGET_MS = 140;
const FIRST_SLICE = 32;
/** Less would hardly ever get a prompt evaluated: on so slow a machine replies stall instead. */
const SMALLEST_SLICE = 8;

/** Learns how many prompt tokens this machine evaluates within the step budget. */
export class SliceSize {
  readonly #largest: number;
  #tokensPerMs: number | null = null;

  /** @param largest - tokens that fit one batch beside the running replies */
  constructor(largest: number) {
    this.#largest = largest;
  }

  /** Prompt tokens for the next step. */
  get next(): number {
    if (this.#tokensPerMs === null) return Math.min(FIRST_SLICE, this.#largest);
    const fitting = Math.floor(this.#tokensPerMs * STEP_BUDGET_MS);
    return Math.min(this.#largest, Math.max(SMALLEST_SLICE, fitting));
  }

  /** Null until one slice was measured. */
  get tokensPerMs(): number | null {
    return this.#tokensPerMs;
  }

  /** @param ms - what the whole step took, running replies included: more of them leave less for a prompt */
  measured(tokens: number, ms: number): void {
    if (tokens < SMALLEST_SLICE || ms <= 0) return;
    const rate = tokens / ms;
    this.#tokensPerMs = this.#tokensPerMs === null ? rate : this.#tokensPerMs * 0.5 + rate * 0.5;
  }
}
