import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { isApiKey } from '../../../src/domain/api-key.js';
import { DAY_MS, MINUTE_MS } from '../../../src/domain/time/duration.js';
import type { ClaimedTurn } from '../../../src/domain/turn.js';
import { type ApiKeyStore, MOST_API_KEYS } from '../../../src/ports/settings/api-keys.js';
import type { UsageStore } from '../../../src/ports/turns/usage-store.js';
import { generated, incoming, newAuthor, newChannel } from '../../fixtures/incoming-message.js';
import type { Turns } from '../../fixtures/open-turns.js';

export interface ApiKeyHarness {
  readonly keys: ApiKeyStore;
  readonly turns: Turns;
  readonly usage: UsageStore;
  /** Every row of the table, as text. */
  everything(): Promise<string>;
  /** Moves back when a key was last used. */
  wasUsedEarlier(id: number, seconds: number): Promise<void>;
  /** Runs `work` with so many more keys in force, which are gone afterwards. */
  withKeys(count: number, work: () => Promise<void>): Promise<void>;
}

const NONE = { turnsPerMinute: null, tokensPerDay: null };

/** What every ApiKeyStore does, and what the stores beside it count by key. */
export function describeApiKeys(name: string, open: () => Promise<ApiKeyHarness>): void {
  describe(`API keys on ${name}`, () => {
    let harness: ApiKeyHarness;
    beforeAll(async () => {
      harness = await open();
    });

    async function make(limits: { turnsPerMinute: number | null; tokensPerDay: number | null } = NONE) {
      const made = await harness.keys.make(`A program ${randomUUID()}`, limits);
      if (!made) throw new Error('too many keys');
      return { key: made.key, ...made.made };
    }

    test('a key is made once, found by who shows it, and stored nowhere', async () => {
      const { key, id, shown } = await make();
      expect(isApiKey(key)).toBe(true);
      expect(key.startsWith(shown.replace('…', ''))).toBe(true);
      expect(shown).toHaveLength(8);
      expect(await harness.keys.find(key)).toEqual({ id });
      expect(await harness.keys.find(`${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`)).toBeNull();
      const stored = await harness.everything();
      expect(stored).toContain(shown);
      for (const part of [key, key.slice(8), Buffer.from(key.slice(3), 'base64url').toString('hex')])
        expect(stored).not.toContain(part);
      expect((await make()).key).not.toBe(key);
    });

    test('a revoked key is found no more; its row stays, and can be changed no more', async () => {
      const { key, id, createdAt } = await make();
      const revoked = await harness.keys.revoke(id);
      expect(revoked).toMatchObject({ id, createdAt, revokedAt: expect.any(Date) });
      expect(await harness.keys.find(key)).toBeNull();
      expect(await harness.keys.revoke(id)).toEqual(revoked);
      expect(await harness.keys.change(id, { name: 'Another' })).toBeNull();
      expect((await harness.keys.list()).find((listed) => listed.id === id)).toEqual(revoked);
      expect(await harness.keys.revoke(2_147_483_647)).toBeNull();
    });

    test('the list has keys in force first, the newest of them first', async () => {
      const [first, second, third] = [await make(), await make(), await make()];
      await harness.keys.revoke(third.id);
      const ids = (await harness.keys.list()).map(({ id }) => id);
      expect(ids.slice(0, 2)).toEqual([second.id, first.id]);
      expect(ids.indexOf(third.id)).toBeGreaterThan(1);
    });

    test('a change leaves what it does not name', async () => {
      const { id, name: before } = await make({ turnsPerMinute: 5, tokensPerDay: 100 });
      const { change } = harness.keys;
      expect(await change.call(harness.keys, id, { limits: { turnsPerMinute: null } })).toMatchObject({
        name: before,
        limits: { turnsPerMinute: null, tokensPerDay: 100 },
      });
      expect(await change.call(harness.keys, id, { name: 'Nul\0l', limits: {} })).toMatchObject({
        name: 'Null',
        limits: { tokensPerDay: 100 },
      });
      expect(await change.call(harness.keys, id, {})).toMatchObject({ name: 'Null' });
      expect(await change.call(harness.keys, 2_147_483_647, { name: 'Nobody' })).toBeNull();
    });

    test('when a key was last used is written at most once a minute', async () => {
      const { key, id, lastUsedAt } = await make();
      expect(lastUsedAt).toBeNull();
      const used = async () => (await harness.keys.list()).find((listed) => listed.id === id)?.lastUsedAt;
      await harness.keys.find(key);
      await harness.wasUsedEarlier(id, 50);
      const first = await used();
      await harness.keys.find(key);
      expect(await used()).toEqual(first);
      await harness.wasUsedEarlier(id, 11);
      await harness.keys.find(key);
      expect(Number(await used())).toBeGreaterThan(Number(first));
    });

    test('no more than 1,000 are in force at once', async () => {
      const inForce = (await harness.keys.list()).filter(({ revokedAt }) => revokedAt === null).length;
      await harness.withKeys(MOST_API_KEYS - inForce - 1, async () => {
        const { id } = await make();
        expect(await harness.keys.make('One more', NONE)).toBeNull();
        await harness.keys.revoke(id);
        expect(await harness.keys.make('One more', NONE)).not.toBeNull();
      });
    });

    describe('what is asked with a key', () => {
      const ask = (apiKey: number | undefined, more: Partial<Parameters<typeof incoming>[1]> = {}) =>
        harness.turns.recorder.record(
          incoming(newChannel(), {
            author: newAuthor(),
            ...(apiKey === undefined ? {} : { apiKey }),
            ...more,
          }),
          'channel',
          { turns: null, tokens: null },
        );

      async function answer(asked: Awaited<ReturnType<typeof ask>>): Promise<ClaimedTurn> {
        if ('over' in asked) throw new Error('refused');
        const turn = await harness.turns.claims.claimNext(asked.conversationId, 'worker', MINUTE_MS);
        if (!turn) throw new Error('nothing to claim');
        await harness.turns.claims.finish(turn, { state: 'done', ...generated('Fine.') });
        return turn;
      }

      test('is held to its turns a minute, over all its users; without it, nobody is', async () => {
        const [{ id }, other] = [await make({ turnsPerMinute: 2, tokensPerDay: null }), await make()];
        const { key } = incoming(newChannel());
        expect(await ask(id, { key })).toMatchObject({ created: true });
        expect(await ask(id)).toMatchObject({ created: true });
        expect(await ask(id)).toEqual({ over: 'turns', keyAllows: 2 });
        expect(await ask(id, { key })).toMatchObject({ created: false });
        expect(await ask(other.id)).toMatchObject({ created: true });
        expect(await ask(undefined)).toMatchObject({ created: true });
        await harness.keys.change(id, { limits: { turnsPerMinute: 3 } });
        expect(await ask(id)).toMatchObject({ created: true });
        expect(await ask(id)).toEqual({ over: 'turns', keyAllows: 3 });
      });

      test('is held to its tokens a day, over all its users', async () => {
        const { id } = await make({ turnsPerMinute: null, tokensPerDay: 54 });
        await answer(await ask(id));
        await answer(await ask(undefined));
        const second = await ask(id);
        expect(second).toMatchObject({ created: true });
        await answer(second);
        expect(await ask(id)).toEqual({ over: 'tokens', keyAllows: 54 });
      });

      test('counts its tokens once, however often a reply is written, and each second answer as a turn', async () => {
        const { usage, turns } = harness;
        const { id } = await make({ turnsPerMinute: 10, tokensPerDay: 1_000 });
        const asked = await ask(id);
        const turn = await answer(asked);
        const limits = { turnsPerMinute: 10, tokensPerDay: 1_000 };
        expect(await usage.ofApiKey(turn.id, MINUTE_MS, DAY_MS)).toEqual({
          limits,
          used: { turns: 1, tokens: 27 },
        });
        expect(await turns.control.regenerate(turn.id)).toBe(true);
        await answer(asked);
        await answer(await ask(id));
        expect(await usage.ofApiKey(turn.id, MINUTE_MS, DAY_MS)).toEqual({
          limits,
          used: { turns: 3, tokens: 81 },
        });
      });

      test('counts at once for turns that end at once', async () => {
        const { id } = await make({ turnsPerMinute: 100, tokensPerDay: 1_000_000 });
        const asked = await Promise.all(Array.from({ length: 8 }, () => ask(id)));
        const [turn] = await Promise.all(asked.map(answer));
        expect(await harness.usage.ofApiKey(turn?.id ?? 0, MINUTE_MS, DAY_MS)).toMatchObject({
          used: { turns: 8, tokens: 8 * 27 },
        });
      });

      test('is nothing for a turn without a key, and nothing is counted that has no limit', async () => {
        const turn = await answer(await ask(undefined));
        expect(await harness.usage.ofApiKey(turn.id, MINUTE_MS, DAY_MS)).toBeNull();
        const { id } = await make();
        const free = await answer(await ask(id));
        expect(await harness.usage.ofApiKey(free.id, MINUTE_MS, DAY_MS)).toEqual({
          limits: NONE,
          used: { turns: 0, tokens: 0 },
        });
      });
    });
  });
}
