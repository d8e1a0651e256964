import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ModelOrders } from '../../../src/ports/models/model-orders.js';

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

    const taken = async () => (await elsewhere.take('one')).map(({ id: _, ...order }) => order);

    test('reach the worker they are for', async () => {
      const check = { ...PULL, alias: 'a "b"/c — 模型', action: 'check' } as const;
      await orders.give(PULL);
      await orders.give(check);
      await orders.give({ ...PULL, worker: 'two', action: 'delete' });
      const found = await taken();
      expect(found).toHaveLength(2);
      expect(found).toEqual(expect.arrayContaining([PULL, check]));
      expect((await orders.open()).filter((order) => !order.taken)).toMatchObject([
        { worker: 'two', alias: 'small', action: 'delete' },
      ]);
    });

    test('are told to it again until they are done', async () => {
      await orders.give(PULL);
      const [order] = await elsewhere.take('one');
      expect(await elsewhere.take('one')).toEqual([order]);
      expect(await orders.open()).toEqual([{ ...PULL, taken: true, ageMs: expect.any(Number) }]);
      await elsewhere.done(order?.id ?? '');
      expect(await elsewhere.take('one')).toEqual([]);
      expect(await orders.open()).toEqual([]);
    });

    test('that were taken are kept while their worker asks, and 10 minutes longer', async () => {
      await orders.give(PULL);
      for (let times = 0; times < 3; times++) {
        expect(await taken()).toEqual([PULL]);
        await harness.age(500_000);
      }
      expect(await orders.open()).toMatchObject([{ ...PULL, taken: true }]);
      await harness.age(101_000);
      expect(await orders.open()).toEqual([]);
      expect(await taken()).toEqual([]);
    });

    test('for the same model of the same worker replace one another until they are taken', async () => {
      await orders.give(PULL);
      await orders.give({ ...PULL, action: 'delete' });
      const [first, ...none] = await elsewhere.take('one');
      expect([first, none]).toMatchObject([{ ...PULL, action: 'delete' }, []]);
      await orders.give({ ...PULL, action: 'cancel' });
      expect(await taken()).toHaveLength(2);
      await elsewhere.done(first?.id ?? '');
      expect(await taken()).toEqual([{ ...PULL, action: 'cancel' }]);
    });

    test('are too late after 15 s, and shown as not taken for 10 minutes', async () => {
      await orders.give(PULL);
      await harness.age(14_000);
      await orders.give({ ...PULL, alias: 'large' });
      await harness.age(1_500);
      expect(await taken()).toEqual([{ ...PULL, alias: 'large' }]);
      const [late, ...more] = (await elsewhere.open()).filter((order) => !order.taken);
      expect(late).toEqual({ ...PULL, taken: false, ageMs: expect.any(Number) });
      expect(late?.ageMs).toBeGreaterThanOrEqual(15_500);
      expect(late?.ageMs).toBeLessThan(30_000);
      expect(more).toEqual([]);
      await harness.age(601_000);
      expect(await elsewhere.open()).toEqual([]);
    });
  });
}
