import { describe, expect, test } from 'vitest';
import type { ConversationSettings } from '../../../src/domain/settings.js';
import type { SettingsStore } from '../../../src/ports/settings-store.js';
import { cachedSettingsStore } from '../../../src/storage/cached-settings-store.js';

function counted(settings: Map<string, ConversationSettings>) {
  let reads = 0;
  const store: SettingsStore = {
    read: async (keys) => {
      reads += 1;
      return keys.map((key) => settings.get(key) ?? {});
    },
    change: async (key, changes) => {
      settings.set(key, changes as ConversationSettings);
      return changes as ConversationSettings;
    },
  };
  return { store: cachedSettingsStore(store), reads: () => reads };
}

describe('cachedSettingsStore', () => {
  test('asks once for places it knows, also where nothing is set', async () => {
    const { store, reads } = counted(new Map([['a', { model: 'small' }]]));
    expect(await store.read(['a', 'b'])).toEqual([{ model: 'small' }, {}]);
    expect(await store.read(['b', 'a'])).toEqual([{}, { model: 'small' }]);
    expect(reads()).toBe(1);
  });

  test('shows a change at once', async () => {
    const { store } = counted(new Map());
    await store.read(['a']);
    await store.change('a', { model: 'large' });
    expect(await store.read(['a'])).toEqual([{ model: 'large' }]);
  });
});
