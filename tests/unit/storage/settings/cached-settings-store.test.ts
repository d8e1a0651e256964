import { describe, expect, test } from 'vitest';
import type { ConversationSettings } from '../../../../src/domain/settings.js';
import { cachedSettingsStore } from '../../../../src/storage/settings/cached-settings-store.js';
import { awaitCondition } from '../../../doubles/await-condition.js';

/**
 * @param most - places that can be read at once
 * @param answering - awaited between a query and its answer
 */
function counted(settings: Map<string, ConversationSettings>, most: number, answering = async () => {}) {
  const reads = { places: 0, all: 0 };
  const store = cachedSettingsStore({
    read: async (keys) => {
      reads.places += 1;
      const found = keys.map((key) => settings.get(key) ?? {});
      await answering();
      return found;
    },
    all: async () => {
      reads.all += 1;
      const found = settings.size > most ? null : new Map(settings);
      await answering();
      return found;
    },
    change: async (key, changes) => {
      settings.set(key, changes as ConversationSettings);
      return changes as ConversationSettings;
    },
    clear: async (key) => void settings.delete(key),
    clearUnused: async () => {},
  });
  return { store, reads };
}

describe.each([
  ['few places have settings', 10],
  ['many places have settings', -1],
])('cachedSettingsStore where %s', (_places, most) => {
  test('asks once for places it knows, also where nothing is set', async () => {
    const { store, reads } = counted(new Map([['a', { model: 'small' }]]), most);
    expect(await store.read(['a', 'b'])).toEqual([{ model: 'small' }, {}]);
    expect(await store.read(['b', 'a'])).toEqual([{}, { model: 'small' }]);
    expect(reads).toEqual({ all: 1, places: most > 0 ? 0 : 1 });
  });

  test('shows a change at once', async () => {
    const { store } = counted(new Map(), most);
    await store.read(['a']);
    await store.change('a', { model: 'large' });
    expect(await store.read(['a'])).toEqual([{ model: 'large' }]);
  });

  test('reads what may change between two questions each time, and nothing else with it', async () => {
    const settings = new Map<string, ConversationSettings>([['web/a', { model: 'small' }]]);
    const { store, reads } = counted(settings, most);
    expect(await store.read(['web/a'])).toEqual([{ model: 'small' }]);
    settings.set('web/a', { model: 'large' }); // by another process
    expect(await store.read(['web/a'])).toEqual([{ model: 'large' }]);
    expect(reads).toEqual({ all: 0, places: 2 });
  });

  test('shows at once that settings were forgotten', async () => {
    const { store } = counted(new Map([['a', { model: 'small' }]]), most);
    await store.read(['a']);
    await store.clear('a');
    expect(await store.read(['a'])).toEqual([{}]);
  });

  test('does not keep what was read before a change that ended first', async () => {
    const settings = new Map<string, ConversationSettings>([['a', { model: 'small' }]]);
    const answers: (() => void)[] = [];
    const { store } = counted(settings, most, () => new Promise((resolve) => answers.push(resolve)));
    /** Answers whatever is asked until the read has ended. */
    const answered = async (read: Promise<unknown>) => {
      let ended = false;
      void read.finally(() => {
        ended = true;
      });
      await awaitCondition(() => {
        for (const answer of answers.splice(0)) answer();
        return ended;
      });
      return read;
    };
    const early = store.read(['a']);
    // Where places are read one by one, that is what the change overtakes.
    if (most < 0) {
      answers.shift()?.();
      await awaitCondition(() => answers.length > 0);
    }
    await store.change('a', { model: 'large' });
    expect(await answered(early)).toEqual([{ model: 'small' }]);
    expect(await answered(store.read(['a']))).toEqual([{ model: 'large' }]);
  });

  test('asks again after it could not ask', async () => {
    let away = true;
    const { store } = counted(new Map([['a', { model: 'small' }]]), most, async () => {
      if (away) throw new Error('out of reach');
    });
    await expect(store.read(['a'])).rejects.toThrow('out of reach');
    away = false;
    expect(await store.read(['a'])).toEqual([{ model: 'small' }]);
  });
});
