/**
 * Lets at most `limit` requests reach a server in any `spanMs`, in the order they came. A request counts until `spanMs`
 * after its answer: it arrived before that, however long it was on its way.
 */
export class RequestPace {
  readonly #limit: number;
  readonly #spanMs: number;
  readonly #waiting: (() => void)[] = [];
  #counted = 0;

  constructor(limit: number, spanMs: number) {
    this.#limit = limit;
    this.#spanMs = spanMs;
  }

  async run<T>(request: () => Promise<T>): Promise<T> {
    if (this.#counted < this.#limit) this.#counted += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await request();
    } finally {
      setTimeout(() => this.#free(), this.#spanMs).unref();
    }
  }

  #free(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#counted -= 1;
  }
}
