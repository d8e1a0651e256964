import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KeyValueStore } from '../../../src/ports/settings/key-value-store.js';

export interface KeyValueStoreHarness {
  readonly facts: KeyValueStore;
  stop(): Promise<void>;
}

/** What every KeyValueStore does. */
export function describeKeyValueStore(name: string, open: () => Promise<KeyValueStoreHarness>): void {
  describe(`a key-value store on ${name}`, () => {
    let harness: KeyValueStoreHarness;

    beforeAll(async () => {
      harness = await open();
    });
    afterAll(() => harness?.stop());

    test('keeps the last value of a key', async () => {
      const key = randomUUID();
      expect(await harness.facts.get(key)).toBeNull();
      await harness.facts.set(key, 'one');
      await harness.facts.set(key, 'two');
      expect(await harness.facts.get(key)).toBe('two');
    });

    test('takes the same key from many at once', async () => {
      const key = randomUUID();
      await Promise.all(Array.from({ length: 10 }, (_, n) => harness.facts.set(key, String(n))));
      expect(await harness.facts.get(key)).toMatch(/^\d$/);
    });
  });
}
