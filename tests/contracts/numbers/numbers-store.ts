import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NumbersQuery } from '../../../src/ports/numbers/numbers.js';
import type { Database } from '../../../src/storage/database/database.js';
import { PrismaMemoryStore } from '../../../src/storage/memory/memory-store.js';
import { newAuthor } from '../../fixtures/incoming-message.js';
import { type Said, storeTurns } from '../../fixtures/store-turns.js';
import { daysAgo, withNumbers } from './numbers-store-setting.js';

/** A hundred days are added up, one after another: time for it on a busy machine, in ms. */
const MONTHS_MS = 120_000;

/** What every NumbersStore does. */
export function describeNumbersStore(name: string, open: () => Promise<Database>): void {
  describe(`a numbers store on ${name}`, () => {
    const at = withNumbers(open);
    const { rollUpAll } = at;

    const read = (query: Partial<NumbersQuery> = {}) =>
      at.numbers.read({
        from: daysAgo(2),
        to: daysAgo(0),
        platform: null,
        model: null,
        names: false,
        ...query,
      });

    test('nothing said: nothing is due, and nothing counted', async () => {
      expect(await at.numbers.due()).toEqual([]);
      const empty = { days: [], platforms: [], models: [], outcomes: [], feedback: [] };
      expect(await read()).toMatchObject({ ...empty, rolledUpTo: null, spreads: { firstTokenMs: null } });
    });

    test('counts a program’s calls as turns, and as no conversations', async () => {
      const day = daysAgo(5);
      await storeTurns(at.database.pool, [
        { day, conversation: 'one call' },
        { day, conversation: 'a talk' },
      ]);
      await at.database.pool.query(`UPDATE conversation SET kind = 'call' WHERE channel = 'one call'`);
      const counted = async () =>
        (await read({ from: day, to: day })).days.map(({ turns, conversations }) => ({
          turns,
          conversations,
        }));
      await rollUpAll();
      expect(await counted()).toEqual([{ turns: 2, conversations: 1 }]);
      const { rows } = await at.database.pool.query(
        `SELECT sum(amount)::int AS conversations FROM numbers_spread
         WHERE day = $1 AND platform = '*' AND model = '*' AND measure = 'conversation_turns'`,
        [day],
      );
      expect(rows).toEqual([{ conversations: 1 }]);
      await at.database.pool.query(
        'TRUNCATE conversation, message, numbers_day, numbers_turns, numbers_people CASCADE',
      );
      await at.database.pool.query('TRUNCATE numbers_spread, numbers_due');
    });

    test('counts turns, people, tokens, speed, outcomes and votes', async () => {
      const [ann, ben] = [newAuthor().key, newAuthor().key];
      const day = daysAgo(1);
      await storeTurns(at.database.pool, [
        {
          day,
          platform: 'slack',
          model: 'small',
          author: ann,
          conversation: 'a',
          vote: 1,
          persona: 'medical',
        },
        { day, platform: 'slack', model: 'large', author: ann, conversation: 'a', vote: -1 },
        { day, platform: 'slack', model: 'large', author: ben, conversation: 'b', tokensPerSecond: 20 },
        { day, platform: 'discord', model: null, author: ann, conversation: 'c', failure: 'setup' },
      ]);
      const all = await read();
      expect(all.days).toMatchObject([{ day, turns: 4, failed: 1, users: 2, conversations: 3 }]);
      expect(all.days[0]?.tokens).toEqual({ prompt: 300, cached: 60, reply: 30, replaced: 6 });
      expect(all.platforms).toEqual([
        { day, platform: 'discord', turns: 1, users: 1 },
        { day, platform: 'slack', turns: 3, users: 2 },
      ]);
      expect(all.models.map(({ model, turns }) => [model, turns])).toEqual([
        ['large', 2],
        ['', 1],
        ['small', 1],
      ]);
      // 10 tokens at 80 a second and 10 at 20: 0.125 s and 0.5 s.
      expect(all.models[0]?.tokensPerSecond).toBeCloseTo(32, 6);
      expect(all.outcomes).toEqual([
        { outcome: 'done', kind: null, turns: 3 },
        { outcome: 'failed', kind: 'setup', turns: 1 },
      ]);
      expect(all.feedback).toEqual([
        { model: 'large', persona: '', up: 0, down: 1 },
        { model: 'small', persona: 'medical', up: 1, down: 0 },
      ]);
      expect(all.spreads.conversationTurns).toEqual({ p50: 1, p95: 2 });
      const large = await read({ platform: 'slack', model: 'large' });
      expect(large.days).toMatchObject([{ turns: 2, users: 2, conversations: 2 }]);
      expect(large.platforms).toEqual([{ day, platform: 'slack', turns: 2, users: 2 }]);
      expect((await read({ platform: 'discord', model: 'large' })).days).toEqual([]);
      expect((await read({ from: daysAgo(0) })).days).toEqual([]);
    });

    test('adding up changes no number, under any filter', async () => {
      const said = fc.record<Said>({
        day: fc.constantFrom(daysAgo(2), daysAgo(1), daysAgo(0)),
        platform: fc.constantFrom('slack', 'web'),
        model: fc.constantFrom('small', 'large', null),
        author: fc.constantFrom('x', 'y', 'z'),
        conversation: fc.constantFrom('d', 'e', 'f'),
        vote: fc.constantFrom(-1, 0, 1),
        firstTokenMs: fc.integer({ min: 0, max: 600_000 }),
      });
      await storeTurns(at.database.pool, fc.sample(said, { numRuns: 200, seed: 7 }));
      const filters: Partial<NumbersQuery>[] = [
        {},
        { platform: 'web' },
        { model: 'small' },
        { platform: 'slack', model: 'large' },
      ];
      const before = await Promise.all(filters.map(read));
      expect(await rollUpAll()).toContain(daysAgo(2));
      const after = await Promise.all(filters.map(read));
      for (const [index, { rolledUpTo, ...rest }] of after.entries()) {
        const { rolledUpTo: none, ...same } = before[index] ?? { rolledUpTo: 'missing' };
        expect(none).toBeNull();
        expect(rolledUpTo).not.toBeNull();
        expect(rest).toEqual(same);
      }
      expect(await at.numbers.due()).toEqual([]);
    });

    test('percentiles are within 5% of the exact ones', async () => {
      const values = fc.array(fc.integer({ min: 1, max: 600_000 }), { minLength: 1, maxLength: 60 });
      for (const [index, times] of fc.sample(values, { numRuns: 20, seed: 11 }).entries()) {
        const model = `exact-${index}`;
        await storeTurns(
          at.database.pool,
          times.map((firstTokenMs) => ({ day: daysAgo(0), model, firstTokenMs })),
        );
        const { spreads } = await read({ model });
        const sorted = times.toSorted((a, b) => a - b);
        for (const [share, found] of [
          [0.5, spreads.firstTokenMs?.p50],
          [0.95, spreads.firstTokenMs?.p95],
        ] as const) {
          const exact = sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
          // Rounded to whole milliseconds besides.
          expect(Math.abs((found ?? 0) - exact), `${share} of ${times}`).toBeLessThanOrEqual(
            exact * 0.05 + 0.5,
          );
        }
      }
    });

    test(
      'people and conversations count once in a range, whatever months it has',
      async () => {
        const turn = fc.record({
          ago: fc.integer({ min: 10, max: 110 }),
          platform: fc.constantFrom('discord', 'slack'),
          model: fc.constantFrom('month-a', 'month-b'),
          author: fc.constantFrom(...Array.from({ length: 12 }, (_, nth) => `month-author-${nth}`)),
          conversation: fc.constantFrom(...Array.from({ length: 8 }, (_, nth) => `month-talk-${nth}`)),
          firstTokenMs: fc.integer({ min: 1, max: 9_000 }),
        });
        const said = fc.sample(turn, { numRuns: 250, seed: 5 });
        await storeTurns(
          at.database.pool,
          said.map(({ ago, ...rest }) => ({ day: daysAgo(ago), ...rest })),
        );
        await at.database.pool.query(`DELETE FROM numbers_day`); // the range begins earlier now
        await rollUpAll();
        const { rows } = await at.database.pool.query(
          `SELECT DISTINCT day FROM numbers_turns WHERE span = 'month'`,
        );
        expect(rows.length).toBeGreaterThanOrEqual(2);

        for (const [first, last] of [
          [110, 10],
          [109, 40],
          [75, 11],
          [60, 45],
          [20, 20],
          [399, 3],
        ] as const) {
          for (const platform of [null, 'slack']) {
            for (const model of [null, 'month-a']) {
              const of = (each: (typeof said)[number]) => platform === null || each.platform === platform;
              const asked = said.filter(
                (each) =>
                  each.ago <= first &&
                  each.ago >= last &&
                  of(each) &&
                  (model === null || each.model === model),
              );
              const talk = ({ platform: where, conversation }: (typeof said)[number]) =>
                `${where}/${conversation}`;
              const going = new Set(asked.map(talk));
              const lengths = [...going]
                .map((each) => said.filter((turn) => turn.ago >= last && talk(turn) === each).length)
                .toSorted((a, b) => a - b);
              const found = await read({
                from: daysAgo(first),
                to: daysAgo(last),
                platform,
                model,
                names: true,
              });
              expect(found.users).toBe(new Set(asked.map(({ author }) => author)).size);
              expect(found.conversations).toBe(going.size);
              expect(found.conversationLength?.p50).toBe(lengths[Math.ceil(lengths.length / 2) - 1]);
              expect(found.conversationLength?.p95).toBe(lengths[Math.ceil(lengths.length * 0.95) - 1]);
              expect(found.models.reduce((sum, { turns }) => sum + turns, 0)).toBe(asked.length);
              expect(found.people?.reduce((sum, { turns }) => sum + turns, 0)).toBe(asked.length);
              const times = asked.map(({ firstTokenMs }) => firstTokenMs).toSorted((a, b) => a - b);
              const middle = times[Math.ceil(times.length / 2) - 1] ?? 0;
              expect(Math.abs((found.spreads.firstTokenMs?.p50 ?? 0) - middle)).toBeLessThanOrEqual(
                middle * 0.05 + 0.5,
              );
            }
          }
        }
      },
      MONTHS_MS,
    );

    test('names people only when asked, as the platform showed them last', async () => {
      const day = daysAgo(0);
      const model = 'named';
      await storeTurns(at.database.pool, [
        { day, model, author: 'ann' },
        { day, model, author: 'ben', platform: 'slack' },
        { day, model, author: 'ben', platform: 'slack' },
      ]);
      expect((await read({ model })).people).toBeNull();
      expect((await read({ model, names: true })).people).toEqual([
        { key: 'ben', name: 'Ann', turns: 2, tokens: 224 },
        { key: 'ann', name: 'Ann', turns: 1, tokens: 112 },
      ]);
      await new PrismaMemoryStore(at.database.prisma, () => {}).forgetAuthor('ben');
      expect((await read({ model, platform: 'slack', names: true })).people).toEqual([
        { key: 'ben', name: '', turns: 2, tokens: 224 },
      ]);
    });

    test('says what there is to filter by, whatever the filters', async () => {
      const { choices } = await read({
        from: daysAgo(110),
        to: daysAgo(10),
        platform: 'slack',
        model: 'none',
      });
      expect(choices).toEqual({ platforms: ['discord', 'slack'], models: ['month-a', 'month-b'] });
    });
  });
}
