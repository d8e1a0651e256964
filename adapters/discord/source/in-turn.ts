/** Runs tasks of one key one after the other, in the order they came; different keys at once. */
export class InTurn {
  readonly #last = new Map<string, Promise<void>>();

  /** @param task - catches its own errors */
  run(key: string, task: () => Promise<void>): Promise<void> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const done = before.then(task).catch(() => {});
    this.#last.set(key, done);
    return done.finally(() => {
      if (this.#last.get(key) === done) this.#last.delete(key);
    });
  }

  /** Resolves when everything begun so far has ended. */
  async idle(): Promise<void> {
    await Promise.all(this.#last.values());
  }
}
