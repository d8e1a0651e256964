/**
 * Reads by key, one query at a time: keys asked for while a query runs go together in the next one. Alone, a read is
 * as quick as before; many at once cost as much as two.
 *
 * @param query - gives the values of those of the keys that have one
 * @returns values in the order of the keys. Fails for all who wait on one query, where that fails.
 */
export function gatheredReads<Value>(
  query: (keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>,
): (keys: readonly string[]) => Promise<readonly (Value | undefined)[]> {
  let running: Promise<unknown> = Promise.resolve();
  let next: { readonly keys: Set<string>; readonly values: Promise<ReadonlyMap<string, Value>> } | null =
    null;

  function begin() {
    const keys = new Set<string>();
    const values = running.then(() => {
      next = null;
      return query([...keys]);
    });
    running = values.catch(() => undefined);
    return { keys, values };
  }

  return async (keys) => {
    next ??= begin();
    for (const key of keys) next.keys.add(key);
    const found = await next.values;
    return keys.map((key) => found.get(key));
  };
}
