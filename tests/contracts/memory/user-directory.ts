import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import type { UserDirectory } from '../../../src/ports/memory/user-directory.js';
import { incoming, newChannel } from '../../fixtures/incoming-message.js';
import type { Turns } from '../../fixtures/open-turns.js';

export interface UserDirectoryHarness {
  readonly users: UserDirectory;
  readonly turns: Turns;
}

/** What every UserDirectory shows of those whose turns the store beside it writes. */
export function describeUserDirectory(name: string, open: () => Promise<UserDirectoryHarness>): void {
  describe(`a user directory on ${name}`, () => {
    let harness: UserDirectoryHarness;
    beforeAll(async () => {
      harness = await open();
    });

    async function ask(id: string, shownAs: string): Promise<void> {
      const author = { key: `slack/T/${id}`, id, name: shownAs };
      await harness.turns.recorder.record(incoming(newChannel(), { author }), 'channel');
    }

    const keys = async (search: string, more: { after?: string; limit?: number } = {}) => {
      const page = await harness.users.page({ search, limit: 50, ...more });
      return { keys: page.users.map(({ key }) => key), next: page.next };
    };

    test('lists each person once, by the name shown last', async () => {
      const id = `U${randomUUID()}`;
      await ask(id, 'Old Name');
      await ask(id, 'New Name');
      const { users, next } = await harness.users.page({ search: id, limit: 50 });
      expect(users).toEqual([{ key: `slack/T/${id}`, name: 'New Name', lastAskedAt: expect.any(Date) }]);
      expect(next).toBeNull();
    });

    test('finds by part of a key or name, in any case, and takes no character for a wildcard', async () => {
      const mark = randomUUID();
      await ask(`U${mark}-a_b`, 'Zoë');
      await ask(`U${mark}-axb`, `Anna 100% ${mark}`);
      expect((await keys(`${mark}-A_B`)).keys).toEqual([`slack/T/U${mark}-a_b`]);
      expect((await keys(`anna 100% ${mark}`)).keys).toEqual([`slack/T/U${mark}-axb`]);
      expect((await keys(`anna%${mark}`)).keys).toEqual([]);
    });

    test('pages go on after the last key', async () => {
      const mark = randomUUID();
      for (const id of ['a', 'b', 'c']) await ask(`U${mark}-${id}`, 'Somebody');
      const [a, b, c] = ['a', 'b', 'c'].map((id) => `slack/T/U${mark}-${id}`);
      expect(await keys(mark, { limit: 2 })).toEqual({ keys: [a, b], next: b });
      expect(await keys(mark, { limit: 2, after: String(b) })).toEqual({ keys: [c], next: null });
      expect(await keys(mark, { limit: 3 })).toEqual({ keys: [a, b, c], next: null });
    });
  });
}
