/** Values on their way from a callback to one reader. */
export class PartQueue<T> {
  #values: T[] = [];
  #failure: { readonly reason: unknown } | null = null;
  #wake: (() => void) | null = null;

  push(value: T): void {
    this.#values.push(value);
    this.#wake?.();
  }

  /** The reader gets what was pushed, then `reason` is thrown. */
  fail(reason: unknown): void {
    this.#failure ??= { reason };
    this.#wake?.();
  }

  /** Drops what was not read yet and throws `reason` at once. */
  abort(reason: unknown): void {
    this.#values = [];
    this.fail(reason);
  }

  /** The next value, once there is one. One reader at a time. */
  async next(): Promise<T> {
    for (;;) {
      const value = this.#values.shift();
      if (value !== undefined) return value;
      if (this.#failure !== null) throw this.#failure.reason;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
  }
}
