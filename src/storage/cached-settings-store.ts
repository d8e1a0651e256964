import { LRUCache } from 'lru-cache';
import type { ConversationSettings } from '../domain/settings.js';
import type { SettingsStore } from '../ports/settings-store.js';

/** Places remembered at once. */
const PLACES = 10_000;
/** A change made by another process shows after this long, in ms; one made here at once. */
const FRESH_MS = 2_000;

/** Settings are read several times for each turn and changed a few times a year: most reads need no query. */
export function cachedSettingsStore(store: SettingsStore): SettingsStore {
  const known = new LRUCache<string, ConversationSettings>({ max: PLACES, ttl: FRESH_MS });
  return {
    async read(keys) {
      const cached = keys.map((key) => known.get(key));
      if (cached.every((settings) => settings !== undefined)) return cached;
      const read = await store.read(keys);
      for (const [i, key] of keys.entries()) known.set(key, read[i] ?? {});
      return read;
    },
    async change(key, changes) {
      known.delete(key);
      try {
        return await store.change(key, changes);
      } finally {
        known.delete(key); // a read that began before the change may have put the old ones back
      }
    },
  };
}
