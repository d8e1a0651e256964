import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ModelOrders } from '../../src/ports/model-orders.js';

export interface ModelOrdersHarness {
  readonly orders: ModelOrders;
  /** The same orders, as another process sees them. */
  readonly elsewhere: ModelOrders;
  /** Makes what was given so far older. */
  age(ms: number): Promise<void>;
  close(): Promise<void>;
}

const PULL = { worker: 'one', alias: 'small', action: 'pull' } as const;

/** What every ModelOrders does. */
export function describeModelOrders(name: string, open: () => Promise<ModelOrdersHarness>): void {
  describe(`model orders ${name}`, () => {
    let harness: ModelOrdersHarness;
    let orders: ModelOrders;
    let elsewhere: ModelOrders;
    beforeEach(async () => {
      harness = await open();
      ({ orders, elsewhere } = harness);
    });
    afterEach(() => harness.close());

    test('reach the worker they are for, once', async () => {
      await orders.give(PULL);
      await orders.give({ ...PULL, alias: 'a "b"/c — 模型', action: 'check' });
      await orders.give({ ...PULL, worker: 'two', action: 'delete' });
      const taken = await elsewhere.take('one');
      expect(taken).toHaveLength(2);
      expect(taken).toEqual(
        expect.arrayContaining([PULL, { ...PULL, alias: 'a "b"/c — 模型', action: 'check' }]),
      );
      expect(await elsewhere.take('one')).toEqual([]);
      expect(await orders.untaken()).toMatchObject([{ worker: 'two', alias: 'small', action: 'delete' }]);
    });

    test('for the same model of the same worker replace one another', async () => {
      await orders.give(PULL);
      await orders.give({ ...PULL, action: 'delete' });
      expect(await elsewhere.take('one')).toEqual([{ ...PULL, action: 'delete' }]);
    });

    test('are too late after 15 s, and shown as not taken for 10 minutes', async () => {
      await orders.give(PULL);
      await harness.age(14_000);
      await orders.give({ ...PULL, alias: 'large' });
      await harness.age(1_500);
      expect(await elsewhere.take('one')).toEqual([{ ...PULL, alias: 'large' }]);
      const [late, ...more] = await elsewhere.untaken();
      expect(late).toEqual({ ...PULL, ageMs: expect.any(Number) });
      expect(late?.ageMs).toBeGreaterThanOrEqual(15_500);
      expect(late?.ageMs).toBeLessThan(30_000);
      expect(more).toEqual([]);
      await harness.age(600_000);
      expect(await elsewhere.untaken()).toEqual([]);
    });
  });
}
