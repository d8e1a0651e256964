import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SettingsStore } from '../../../src/ports/settings/settings-store.js';

export interface SettingsStoreHarness {
  readonly settings: SettingsStore;
  stop(): Promise<void>;
}

/** What every SettingsStore does. */
export function describeSettingsStore(name: string, open: () => Promise<SettingsStoreHarness>): void {
  describe(`a settings store on ${name}`, () => {
    let harness: SettingsStoreHarness;
    let settings: SettingsStore;

    beforeAll(async () => {
      harness = await open();
      settings = harness.settings;
    });
    afterAll(() => harness?.stop());

    test('reads one entry per key in the order asked for, empty where nothing was set', async () => {
      const [first, second] = [randomUUID(), randomUUID()];
      await settings.change(first, { model: 'large' });
      expect(await settings.read([second, first, first])).toEqual([
        {},
        { model: 'large' },
        { model: 'large' },
      ]);
      expect(await settings.read([])).toEqual([]);
    });

    test('sets what is given, unsets null, and leaves the rest', async () => {
      const key = randomUUID();
      await settings.change(key, { model: 'large', language: 'zh', sampling: { temperature: 0 } });
      expect(await settings.change(key, { model: null, followThreads: true })).toEqual({
        language: 'zh',
        followThreads: true,
        sampling: { temperature: 0 },
      });
      expect(await settings.read([key])).toEqual([
        { language: 'zh', followThreads: true, sampling: { temperature: 0 } },
      ]);
    });

    test('loses none of two changes made at once', async () => {
      const key = randomUUID();
      await Promise.all([
        settings.change(key, { model: 'large' }),
        settings.change(key, { persona: 'medical' }),
        settings.change(key, { memory: 'user' }),
      ]);
      expect(await settings.read([key])).toEqual([{ model: 'large', persona: 'medical', memory: 'user' }]);
    });

    test('lays parameters over those that are set, and takes single ones back', async () => {
      const key = randomUUID();
      const changed = await settings.change(key, { model: 'large' }, { temperature: 1, topK: 5 });
      expect(changed).toEqual({ model: 'large', sampling: { temperature: 1, topK: 5 } });
      await settings.change(key, { model: null }, { temperature: null, stop: ['.'] });
      expect(await settings.read([key])).toEqual([{ sampling: { topK: 5, stop: ['.'] } }]);
      expect(await settings.change(key, { sampling: null })).toEqual({});
    });

    test('loses none of two parameters changed at once', async () => {
      const key = randomUUID();
      const all = [{ temperature: 0 }, { topK: 1 }, { topP: 0.5 }, { minP: 0.1 }, { maxTokens: 9 }];
      await Promise.all(all.map((parameters) => settings.change(key, {}, parameters)));
      expect(await settings.read([key])).toEqual([{ sampling: Object.assign({}, ...all) }]);
    });

    test('forgets what people set, and keeps what an administrator limited', async () => {
      const [key, limited] = [randomUUID(), randomUUID()];
      const limits = { turnsPerMinute: 3 };
      await settings.change(key, { model: 'large', systemPrompt: 'Be brief.' }, { topK: 1 });
      await settings.change(limited, { persona: 'medical', limits });
      for (const each of [key, limited, randomUUID()]) await settings.clear(each);
      expect(await settings.read([key, limited])).toEqual([{}, { limits }]);
    });

    test('takes hostile text', async () => {
      const key = `${randomUUID()}\0\ud800`;
      expect(await settings.change(key, { persona: 'a\0b' })).toEqual({ persona: 'ab' });
      expect(await settings.read([key])).toEqual([{ persona: 'ab' }]);
    });
  });
}
