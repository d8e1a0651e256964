import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../ports/process/clock.js';
import type { ApiKeyLookup, ApiKeyStore } from '../../ports/settings/api-keys.js';

/** Keys remembered at once, those that are no keys included. */
const KEYS = 10_000;
/** A revocation holds after this long, in ms, in every process; at once in the one that made it. */
export const API_KEY_FRESH_MS = 10_000;

interface Looked {
  readonly at: number;
  readonly found: ReturnType<ApiKeyLookup['find']>;
}

/** Looks each key up once in a while: most requests need no query to know who calls. */
export function cachedApiKeys(store: ApiKeyStore, clock: Clock): ApiKeyStore {
  const known = new LRUCache<string, Looked>({ max: KEYS });

  async function changed<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } finally {
      known.clear();
    }
  }

  return {
    find(key) {
      // Not the key itself: memory may be dumped.
      const name = createHash('sha256').update(key).digest('base64');
      const looked = known.get(name);
      const age = looked ? clock.now() - looked.at : API_KEY_FRESH_MS;
      if (looked && age >= 0 && age < API_KEY_FRESH_MS) return looked.found;
      const found = store.find(key);
      known.set(name, { at: clock.now(), found });
      found.catch(() => known.delete(name));
      return found;
    },
    list: () => store.list(),
    make: (name, limits) => store.make(name, limits),
    change: (id, change) => changed(store.change(id, change)),
    revoke: (id) => changed(store.revoke(id)),
  };
}
