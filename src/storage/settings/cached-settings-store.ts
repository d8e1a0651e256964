import { LRUCache } from 'lru-cache';
import type { ConversationSettings } from '../../domain/settings.js';
import type { SettingsStore } from '../../ports/settings/settings-store.js';
import { storable } from '../database/storable-text.js';

/** Places remembered at once. */
const PLACES = 10_000;
/** A change made by another process shows after this long, in ms; one made here at once. */
const FRESH_MS = 2_000;

/** So many places with settings, at most, are read all at once. */
const FEW_PLACES = 1_000;

type Everything = ReadonlyMap<string, ConversationSettings> | null;

interface WholeSettingsStore extends SettingsStore {
  /** The settings of all places but those on the web, by key, or null where more than `most` have any. */
  all(most: number): Promise<Everything>;
}

/**
 * Settings are read several times for each turn and changed a few times a year: most reads need no query. Where few
 * places have any all are read at once, so that a message from a place not heard of lately needs none either.
 *
 * Not so on the web, where a place is one conversation: its person changes settings between two questions, and the next
 * is answered by them, whichever process answers. Those are read each time.
 */
export function cachedSettingsStore(store: WholeSettingsStore): SettingsStore {
  const known = new LRUCache<string, ConversationSettings>({ max: PLACES, ttl: FRESH_MS });
  const everything = new LRUCache<'all', { readonly read: Promise<Everything> }>({ max: 1, ttl: FRESH_MS });
  let changesMade = 0;

  function readAll(): Promise<Everything> {
    const fresh = everything.get('all');
    if (fresh) return fresh.read;
    const read = store.all(FEW_PLACES);
    everything.set('all', { read });
    read.catch(() => everything.delete('all'));
    return read;
  }

  async function forgetting<Result>(key: string, change: () => Promise<Result>): Promise<Result> {
    try {
      return await change();
    } finally {
      changesMade += 1;
      known.delete(key);
      everything.clear();
    }
  }

  return {
    async read(keys) {
      if (keys.some((key) => key.startsWith('web/'))) return store.read(keys);
      const all = await readAll();
      if (all) return keys.map((key) => all.get(storable(key)) ?? {});
      const cached = keys.map((key) => known.get(key));
      if (cached.every((settings) => settings !== undefined)) return cached;
      const changesBefore = changesMade;
      const read = await store.read(keys);
      // What was read before a change that has ended meanwhile is the old: the next read asks again.
      if (changesMade !== changesBefore) return read;
      for (const [i, key] of keys.entries()) known.set(key, read[i] ?? {});
      return read;
    },
    change: (...change) => forgetting(change[0], () => store.change(...change)),
    // Those of the web alone, of which nothing is kept here.
    clearUnused: (olderThanMs) => store.clearUnused(olderThanMs),
    clear: (key) => forgetting(key, () => store.clear(key)),
  };
}
