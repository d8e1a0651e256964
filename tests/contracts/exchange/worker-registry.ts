import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { WorkerRegistry } from '../../../src/ports/fleet/worker-registry.js';

export interface WorkerRegistryHarness {
  readonly registry: WorkerRegistry;
  /** The same registry, as another process sees it. */
  readonly elsewhere: WorkerRegistry;
  /** Lets time pass. */
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** Twice what a busy machine may be late with the next word, where time is real. */
const TTL_MS = 1_500;

/** What every WorkerRegistry does. */
export function describeWorkerRegistry(name: string, open: () => Promise<WorkerRegistryHarness>): void {
  describe(`a worker registry ${name}`, () => {
    let harness: WorkerRegistryHarness;
    let registry: WorkerRegistry;
    let elsewhere: WorkerRegistry;

    beforeEach(async () => {
      harness = await open();
      ({ registry, elsewhere } = harness);
    });
    afterEach(() => harness.close());

    const served = async () =>
      [...(await elsewhere.unservedMs())].flatMap(([alias, ms]) => (ms === 0 ? [alias] : [])).sort();

    test('knows of nothing at first', async () => {
      expect(await elsewhere.unservedMs()).toEqual(new Map());
    });

    test('tells in every process what the workers serve', async () => {
      await registry.announce('one', ['small', 'large'], TTL_MS * 100);
      await elsewhere.announce('two', ['small', 'hosted.2'], TTL_MS * 100);
      expect(await served()).toEqual(['hosted.2', 'large', 'small']);
    });

    test('forgets what is not said again in time, and tells for how long', async () => {
      await registry.announce('one', ['small', 'large'], TTL_MS);
      await registry.announce('two', ['small'], TTL_MS * 100);
      await harness.pass(TTL_MS * 2);
      expect(await served()).toEqual(['small']);
      const gone = (await elsewhere.unservedMs()).get('large') ?? 0;
      expect(gone).toBeGreaterThanOrEqual(TTL_MS / 2);
      expect(gone).toBeLessThan(TTL_MS * 20);
    });

    test('goes on while it is said again', async () => {
      for (let i = 0; i < 4; i++) {
        await registry.announce('one', ['small'], TTL_MS);
        await harness.pass(TTL_MS / 2);
      }
      expect(await served()).toEqual(['small']);
    });

    test('counts only what a worker said last', async () => {
      await registry.announce('one', ['small', 'large'], TTL_MS * 100);
      await registry.announce('one', ['small'], TTL_MS * 100);
      expect(await served()).toEqual(['small']);
    });

    test('drops a worker that withdraws at once, and no other whose name ends like it', async () => {
      await registry.announce('host-1', ['large'], TTL_MS * 100);
      await registry.announce('1', ['small', 'large'], TTL_MS * 100);
      await registry.withdraw('1');
      expect(await served()).toEqual(['large']);
      expect((await elsewhere.unservedMs()).get('small')).toBeLessThan(TTL_MS * 100);
      await registry.withdraw('nobody');
    });
  });
}
