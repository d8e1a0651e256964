import { expect, test } from 'vitest';
import { gatheredReads } from '../../../../src/storage/settings/gathered-reads.js';

/** A query that answers each key with its length, when told to. */
function openQuery() {
  const asked: { keys: readonly string[]; answer: () => void; fail: () => void }[] = [];
  const read = gatheredReads<number>(
    (keys) =>
      new Promise((resolve, reject) => {
        asked.push({
          keys,
          answer: () => resolve(new Map(keys.map((key) => [key, key.length]))),
          fail: () => reject(new Error('out of reach')),
        });
      }),
  );
  return { asked, read, turn: () => new Promise<void>((resolve) => setImmediate(resolve)) };
}

test('asks at once when alone, and together for all who come while a query runs', async () => {
  const { asked, read, turn } = openQuery();
  const first = read(['a']);
  await turn();
  const others = [read(['bb', 'a']), read(['ccc']), read(['bb'])];
  await turn();
  expect(asked.map(({ keys }) => keys)).toEqual([['a']]);
  asked[0]?.answer();
  expect(await first).toEqual([1]);
  await turn();
  expect(asked.map(({ keys }) => keys)).toEqual([['a'], ['bb', 'a', 'ccc']]);
  asked[1]?.answer();
  expect(await Promise.all(others)).toEqual([[2, 1], [3], [2]]);
});

test('fails for those who waited on the failed query, and for nobody after', async () => {
  const { asked, read, turn } = openQuery();
  const both = Promise.allSettled([read(['a']), read(['bb'])]);
  await turn();
  const later = read(['ccc']);
  asked[0]?.fail();
  expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await turn();
  asked[1]?.answer();
  expect(await later).toEqual([3]);
});
