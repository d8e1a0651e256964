import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Leases } from '../../../src/ports/fleet/leases.js';
import { awaitCondition } from '../../doubles/await-condition.js';

/** What all leases do, wherever they are kept. In real time, since some count by a server's clock. */
export function describeLeases(name: string, open: () => Promise<Leases>): void {
  describe(`leases: ${name}`, () => {
    const LONG_MS = 60_000;
    const setUp = async () => ({ leases: await open(), shard: `shard-${randomUUID()}` });

    test('one of many has it, whoever asks at once', async () => {
      const { leases, shard } = await setUp();
      const owners = Array.from({ length: 8 }, (_, i) => `process-${i}`);
      const taken = await Promise.all(owners.map((owner) => leases.take(shard, owner, LONG_MS)));
      expect(taken.filter((got) => got)).toHaveLength(1);
      const holder = owners[taken.indexOf(true)] ?? '';
      expect(await leases.take(shard, holder, LONG_MS)).toBe(true);
      expect(await leases.take(`${shard}-other`, 'somebody', LONG_MS)).toBe(true);
    });

    test('it runs out by itself, and not while it is prolonged', async () => {
      const { leases, shard } = await setUp();
      await leases.take(shard, 'dead', 300);
      await leases.take(shard, 'dead', 600);
      const before = performance.now();
      await awaitCondition(() => leases.take(shard, 'next', LONG_MS), 20);
      expect(performance.now() - before).toBeGreaterThan(400);
      expect(await leases.take(shard, 'dead', LONG_MS)).toBe(false);
    });

    test('given back it is to be had at once; nobody gives back what is another’s', async () => {
      const { leases, shard } = await setUp();
      await leases.take(shard, 'one', LONG_MS);
      await leases.release(shard, 'two');
      expect(await leases.take(shard, 'two', LONG_MS)).toBe(false);
      await leases.release(shard, 'one');
      await leases.release(shard, 'one');
      expect(await leases.take(shard, 'two', LONG_MS)).toBe(true);
    });

    test('those held are counted by how their names begin', async () => {
      const { leases, shard } = await setUp();
      expect(await leases.count(`${shard}/`)).toBe(0);
      await leases.take(`${shard}/a`, 'one', LONG_MS);
      await leases.take(`${shard}/b`, 'two', LONG_MS);
      await leases.take(`${shard}/c`, 'dead', 30);
      await leases.take(`${shard}-other`, 'one', LONG_MS);
      await awaitCondition(async () => (await leases.count(`${shard}/`)) === 2);
      await leases.release(`${shard}/a`, 'one');
      expect(await leases.count(`${shard}/`)).toBe(1);
    });

    test('the holder’s note can be read while it holds', async () => {
      const { leases, shard } = await setUp();
      expect(await leases.note(shard)).toBeNull();
      await leases.take(shard, 'one', LONG_MS, 'http://10.0.0.7:3002');
      await leases.take(shard, 'two', LONG_MS, 'http://10.0.0.8:3002');
      expect(await leases.note(shard)).toBe('http://10.0.0.7:3002');
      await leases.release(shard, 'one');
      expect(await leases.note(shard)).toBeNull();
      await leases.take(shard, 'two', 30, 'http://10.0.0.8:3002');
      await awaitCondition(async () => (await leases.note(shard)) === null);
    });
  });
}
