interface Watcher {
  readonly look: () => boolean;
}

/** Those who wait for something to become true of a double. */
export class Watchers {
  readonly #watchers = new Set<Watcher>();

  /** Looks again at what is waited for; call it after any change of state. */
  changed(): void {
    for (const watcher of [...this.#watchers]) if (watcher.look()) this.#watchers.delete(watcher);
  }

  /**
   * Resolves with the first value of `look` that is neither undefined, null nor false, now or after a change.
   *
   * @param late - what to say where that takes longer than `withinMs`
   */
  waitFor<T>(look: () => T | undefined | null | false, withinMs: number, late: () => string): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const watcher: Watcher = {
        look: () => {
          const value = look();
          if (value === undefined || value === null || value === false) return false;
          clearTimeout(timer);
          resolve(value);
          return true;
        },
      };
      const timer = setTimeout(() => {
        this.#watchers.delete(watcher);
        reject(new Error(late()));
      }, withinMs);
      if (!watcher.look()) this.#watchers.add(watcher);
    });
  }
}
