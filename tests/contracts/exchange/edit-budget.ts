import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { EditBudget, Rate } from '../../../src/ports/delivery/edit-budget.js';

/** Budgets as a suite opens them. */
export interface OpenedEditBudget {
  readonly budget: EditBudget;
  /** The same budgets as another process has them; the same object where there is only one process. */
  readonly elsewhere: EditBudget;
  close(): Promise<void>;
}

/** What every edit budget does, wherever it counts. In real time, since some count by a server's clock. */
export function describeEditBudget(name: string, open: () => Promise<OpenedEditBudget>): void {
  describe(`edit budget: ${name}`, () => {
    const never = () => new AbortController().signal;
    let opened: OpenedEditBudget | undefined;
    let keys = 0;
    const setUp = async () => {
      opened = await open();
      return { ...opened, key: `channel-${keys++}` };
    };
    afterEach(() => opened?.close());

    test('edits within the rate are allowed at once', async () => {
      const { budget, key } = await setUp();
      const rate: Rate = { edits: 5, perMs: 1_000_000 };
      // Spaced evenly, the second would come after the test's own time.
      for (let i = 0; i < rate.edits; i++) await budget.take(key, rate, false, never());
    });

    test('no window holds more than the rate, from however many processes', async () => {
      const { budget, elsewhere, key } = await setUp();
      const rate: Rate = { edits: 3, perMs: 1_000 };
      const times: number[] = [];
      const takeOne = async (from: EditBudget) => {
        await from.take(key, rate, false, never());
        times.push(performance.now());
      };
      await Promise.all(Array.from({ length: 12 }, (_, i) => takeOne(i % 2 ? elsewhere : budget)));
      times.sort((a, b) => a - b);
      const spans = times.slice(rate.edits).map((at, i) => at - (times[i] ?? 0));
      // Counted by the server, seen here: what lies between is the way the answer took.
      expect(Math.min(...spans)).toBeGreaterThan(rate.perMs / 2);
    });

    test('keys do not share a budget', async () => {
      const { budget, key } = await setUp();
      const rate: Rate = { edits: 1, perMs: 60_000 };
      await budget.take(key, rate, false, never());
      await budget.take(`${key}-other`, rate, false, never());
    });

    test('first come, first served, but urgent ones go first', async () => {
      const { budget, key } = await setUp();
      // Long enough for all to ask before the first is let through, on a busy machine too.
      const rate: Rate = { edits: 1, perMs: 500 };
      await budget.take(key, rate, false, never());
      const order: string[] = [];
      const ask = (who: string, urgent: boolean) =>
        budget.take(key, rate, urgent, never()).then(() => void order.push(who));
      await Promise.all([
        ask('first', false),
        ask('second', false),
        ask('urgent', true),
        ask('urgent too', true),
      ]);
      expect(order).toEqual(['urgent', 'urgent too', 'first', 'second']);
    });

    test('an urgent edit goes before those that wait in other processes', async () => {
      const { budget, elsewhere, key } = await setUp();
      const rate: Rate = { edits: 1, perMs: 1_000 };
      await budget.take(key, rate, false, never());
      const order: string[] = [];
      const ask = (from: EditBudget, who: string, urgent: boolean) =>
        from.take(key, rate, urgent, never()).then(() => void order.push(who));
      await Promise.all([
        ask(elsewhere, 'waited before', false),
        ask(budget, 'urgent', true),
        ask(elsewhere, 'waited too', false),
      ]);
      expect(order).toEqual(['urgent', 'waited before', 'waited too']);
    });

    test('who stops waiting counts nothing and holds nobody up', async () => {
      const { budget, key } = await setUp();
      const rate: Rate = { edits: 1, perMs: 2_000 };
      await budget.take(key, rate, false, never());
      const gone = new AbortController();
      const waiting = budget.take(key, rate, false, gone.signal);
      const next = budget.take(key, rate, false, never());
      const before = performance.now();
      gone.abort(new Error('no longer'));
      await expect(waiting).rejects.toThrow('no longer');
      await next;
      // A counted one would have cost a window more.
      expect(performance.now() - before).toBeLessThan(2 * rate.perMs);
    });

    test('a signal aborted before counts nothing', async () => {
      const { budget, key } = await setUp();
      const rate: Rate = { edits: 1, perMs: 60_000 };
      await expect(budget.take(key, rate, false, AbortSignal.abort(new Error('late')))).rejects.toThrow(
        'late',
      );
      await budget.take(key, rate, false, never());
    });

    test('aborting in the middle of asking gives the edit back', async () => {
      const { budget, key } = await setUp();
      const rate: Rate = { edits: 1, perMs: 60_000 };
      const gone = new AbortController();
      const asking = budget.take(key, rate, false, gone.signal);
      gone.abort(new Error('changed my mind'));
      await expect(asking).rejects.toThrow('changed my mind');
      await turn();
      await budget.take(key, rate, false, never());
    });

    test('a pause holds everyone back, wherever they are', async () => {
      const { budget, elsewhere, key } = await setUp();
      const rate: Rate = { edits: 10, perMs: 1_000 };
      await Promise.all([budget.take(key, rate, false, never()), elsewhere.take(key, rate, false, never())]);
      const before = performance.now();
      budget.pause(key, 200);
      budget.pause(key, 20);
      await budget.take(key, rate, true, never());
      await elsewhere.take(key, rate, false, never());
      expect(performance.now() - before).toBeGreaterThan(190);
    });

    test('an impossible rate is refused', async () => {
      const { budget, key } = await setUp();
      await expect(budget.take(key, { edits: 0, perMs: 1 }, false, never())).rejects.toThrow(RangeError);
    });
  });
}
