import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Database } from '../../../src/storage/database/database.js';
import { PrismaMemoryStore } from '../../../src/storage/memory/memory-store.js';
import { generated, incoming, newChannel } from '../../fixtures/incoming-message.js';
import { openTurns } from '../../fixtures/open-turns.js';
import { daysAgo, withNumbers } from './numbers-store-setting.js';

/** What every NumbersStore tells of a day that was added up already. */
export function describeDaysAddedUp(name: string, open: () => Promise<Database>): void {
  describe(`a day added up on ${name}`, () => {
    const at = withNumbers(open);
    const { rollUpAll } = at;

    const turns = () => openTurns(at.database.prisma);

    /** A turn asked four days ago, of a model of its own, recorded as the bot does. */
    async function asked() {
      const [model, channel] = [`model-${randomUUID()}`, newChannel()];
      const { turnId, conversationId } = await turns().recorder.record(
        incoming(channel, { model }),
        'channel',
      );
      await at.database.pool.query(`UPDATE turn SET created_at = now() - interval '4 days' WHERE id = $1`, [
        turnId,
      ]);
      await rollUpAll();
      const seen = async () => {
        // Due or not, what is added up of the day is read; without it, the day is not counted at all.
        await rollUpAll();
        return at.numbers.read({ from: daysAgo(4), to: daysAgo(4), platform: null, model, names: false });
      };
      const answer = async () => {
        const turn = await turns().claims.claimNext(conversationId, 'worker', 60_000);
        if (!turn) throw new Error('nothing to claim');
        await turns().claims.finish(turn, { state: 'done', ...generated('Fine.'), model });
      };
      return { turnId, conversationId, seen, answer };
    }

    test('a turn that ends late counts as ended', async () => {
      const { seen, answer } = await asked();
      await at.database.pool.query(`INSERT INTO numbers_due (day) VALUES ($1)`, [daysAgo(4)]);
      expect((await seen()).outcomes).toEqual([{ outcome: 'open', kind: null, turns: 1 }]);
      await answer();
      expect((await seen()).outcomes).toEqual([{ outcome: 'done', kind: null, turns: 1 }]);
      expect(await at.numbers.due()).toEqual([]);
    });

    test('an answer made again counts in place of the first, whose tokens stay', async () => {
      const { turnId, seen, answer } = await asked();
      await answer();
      await rollUpAll();
      await turns().control.regenerate(turnId);
      await answer();
      const tokens = { prompt: 20, cached: 5, reply: 7, replaced: 27 };
      expect((await seen()).models).toMatchObject([{ turns: 1, tokens }]);
    });

    test('votes are counted, changed and taken back', async () => {
      const { turnId, seen, answer } = await asked();
      await answer();
      const votes = async () => (await seen()).feedback.map(({ up, down }) => [up, down]);
      await turns().votes.cast(turnId, 'discord/1', 1);
      expect(await votes()).toEqual([[1, 0]]);
      await turns().votes.cast(turnId, 'discord/1', -1);
      expect(await votes()).toEqual([[0, 1]]);
      await turns().votes.cast(turnId, 'discord/1', 0);
      expect(await votes()).toEqual([]);
    });

    test('what is forgotten keeps its numbers', async () => {
      const { conversationId, turnId, seen, answer } = await asked();
      await answer();
      const before = await seen();
      await new PrismaMemoryStore(at.database.prisma, () => {}).clear(conversationId);
      await turns().votes.cast(turnId, 'discord/1', 1); // makes the day due
      expect(await seen()).toMatchObject({ days: before.days, models: before.models });
    });
  });
}
