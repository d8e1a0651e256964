import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addressKey } from '../../../src/domain/address.js';
import type { TurnId } from '../../../src/domain/turn.js';
import type { ConversationList } from '../../../src/ports/memory/conversation-list.js';
import type { MemoryStore } from '../../../src/ports/memory/memory-store.js';
import type { SettingsStore } from '../../../src/ports/settings/settings-store.js';
import { generated } from '../../fixtures/incoming-message.js';
import type { Turns } from '../../fixtures/open-turns.js';

export interface ConversationListHarness {
  readonly list: ConversationList;
  readonly turns: Turns;
  readonly memory: MemoryStore;
  readonly settings: SettingsStore;
  everything(): Promise<string>;
}

const WEB = { platform: 'web', app: 'parley', workspace: '-' } as const;

/** What every ConversationList shows of the turns that the stores beside it write. */
export function describeConversationList(name: string, open: () => Promise<ConversationListHarness>): void {
  describe(`a list of conversations on ${name}`, () => {
    let harness: ConversationListHarness;
    let author: string;
    let ids: string[];
    beforeAll(async () => {
      harness = await open();
    });
    beforeEach(() => {
      author = crypto.randomUUID();
      ids = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
    });

    const addressOf = (channel: string) => ({ ...WEB, channel, kind: 'direct' }) as const;
    const keyOf = (channel: string) => addressKey(addressOf(channel));
    const authorOf = (id: string) => ({ key: `web/${id}`, id, name: id });
    const id = (n: number) => ids[n] ?? '';

    async function exchange(channel: string, text: string, reply: string, by = author): Promise<TurnId> {
      const { turns } = harness;
      const { turnId, conversationId } = await turns.recorder.record(
        {
          key: crypto.randomUUID(),
          address: addressOf(channel),
          author: authorOf(by),
          text,
          target: { platform: 'web', conversation: channel },
        },
        'channel',
      );
      const claimed = await turns.claims.claimNext(conversationId, 'worker', 60_000);
      if (!claimed) throw new Error('nothing to claim');
      await turns.claims.finish(claimed, { state: 'done', ...generated(reply) });
      return turnId;
    }
    async function listed(search?: string, by = author): Promise<string[]> {
      const options = { limit: 10, ...(search !== undefined && { search }) };
      const { conversations } = await harness.list.page(authorOf(by).key, WEB, options);
      return conversations.map(({ channel }) => channel);
    }
    async function clear(channel: string): Promise<void> {
      const found = await harness.memory.find(keyOf(channel));
      if (found === null) throw new Error('nothing was said');
      await harness.memory.clear(found);
    }

    test('shows an author’s conversations, the one with the last turn first', async () => {
      await exchange(id(0), 'first question', 'answer');
      await exchange(id(1), 'another', 'answer');
      await exchange(id(2), 'of somebody else', 'answer', 'ben');
      await exchange(id(0), 'second question', 'answer');
      const { list } = harness;
      expect(await list.page(authorOf(author).key, WEB, { limit: 10 })).toEqual({
        conversations: [
          {
            channel: id(0),
            title: null,
            firstQuestion: 'first question',
            turns: 2,
            createdAt: expect.any(Date),
            updatedAt: expect.any(Date),
          },
          expect.objectContaining({ channel: id(1), turns: 1 }),
        ],
        earlier: null,
      });
      const elsewhere = { ...WEB, app: 'another' };
      expect((await list.page(authorOf(author).key, elsewhere, { limit: 10 })).conversations).toEqual([]);
    });

    test('comes page by page', async () => {
      for (const channel of ids) await exchange(channel, 'q', 'a');
      const { list } = harness;
      const page = async (before?: TurnId) => {
        const options = { limit: 2, ...(before !== undefined && { before }) };
        const { conversations, earlier } = await list.page(authorOf(author).key, WEB, options);
        return { channels: conversations.map(({ channel }) => channel), earlier };
      };
      const newest = await page();
      expect(newest.channels).toEqual([id(2), id(1)]);
      expect(await page(newest.earlier ?? 0)).toEqual({ channels: [id(0)], earlier: null });
    });

    test('finds by title, question and answer, in any case, and takes no sign for a wildcard', async () => {
      await exchange(id(0), 'How is HONEY made?', 'By bees.');
      await exchange(id(1), 'What is 100% of 5?', 'Five.');
      await exchange(id(2), 'secret honey', 'of somebody else', 'ben');
      await harness.list.rename(keyOf(id(1)), 'Arithmetic');
      expect(await listed('honey')).toEqual([id(0)]);
      expect(await listed('BEES')).toEqual([id(0)]);
      expect(await listed('arithMETIC')).toEqual([id(1)]);
      expect(await listed('%')).toEqual([id(1)]);
      expect(await listed('_')).toEqual([]);
    });

    test('a title is given, shown and taken back', async () => {
      await exchange(id(0), 'q', 'a');
      const { list } = harness;
      expect(await list.rename(keyOf(id(0)), 'Bees')).toBe(true);
      expect(await list.find(keyOf(id(0)))).toMatchObject({ title: 'Bees', firstQuestion: 'q' });
      await list.rename(keyOf(id(0)), null);
      expect(await list.find(keyOf(id(0)))).toMatchObject({ title: null });
      expect(await list.rename(keyOf('nobody'), 'x')).toBe(false);
      expect(await list.find(keyOf('nobody'))).toBeNull();
    });

    test('a conversation that was cleared stays, with its title and none of its words', async () => {
      await exchange(id(0), 'the bees', 'a');
      await harness.list.rename(keyOf(id(0)), 'Kept');
      await clear(id(0));
      expect(await harness.list.find(keyOf(id(0)))).toMatchObject({
        title: 'Kept',
        firstQuestion: null,
        turns: 0,
      });
      expect(await listed()).toEqual([id(0)]);
      expect(await listed('bees')).toEqual([]);
    });

    test('one taken off is on no list, nameless, until something is said in it again', async () => {
      const secret = crypto.randomUUID();
      await exchange(id(0), 'q', 'a');
      await harness.list.rename(keyOf(id(0)), secret);
      await clear(id(0));
      await harness.list.unlist(keyOf(id(0)));
      expect(await listed()).toEqual([]);
      expect(await harness.list.find(keyOf(id(0)))).toBeNull();
      expect(await harness.everything()).not.toContain(secret);
      await exchange(id(0), 'again', 'a');
      expect(await listed()).toEqual([id(0)]);
    });

    test('who is forgotten leaves no title behind, no system prompt, and no list; others keep theirs', async () => {
      const secret = crypto.randomUUID();
      await exchange(id(0), 'q', 'a');
      await exchange(id(1), 'q', 'a');
      const other = crypto.randomUUID();
      await exchange(id(1), 'mine', 'a', other);
      for (const n of [0, 1]) await harness.list.rename(keyOf(id(n)), `${secret} ${n}`);
      await harness.settings.change(keyOf(id(0)), { systemPrompt: `${secret} prompt`, model: 'large' });
      await harness.settings.change(keyOf(other), { systemPrompt: 'Not theirs.' });
      await clear(id(0));
      await harness.memory.forgetAuthor(authorOf(author).key);
      expect(await harness.everything()).not.toContain(secret);
      expect(await harness.list.find(keyOf(id(0)))).toBeNull();
      expect(await listed(undefined, other)).toEqual([id(1)]);
      expect(await harness.settings.read([keyOf(id(0)), keyOf(other)])).toEqual([
        { model: 'large' },
        { systemPrompt: 'Not theirs.' },
      ]);
    });

    test('settings go in time where nobody asks, and stay where somebody did', async () => {
      const { list, settings } = harness;
      const [asked, removed, cleared] = [id(0), id(1), id(2)];
      const [never, limited] = [crypto.randomUUID(), crypto.randomUUID()];
      const limits = { turnsPerMinute: 3 };
      for (const channel of ids) await exchange(channel, 'q', 'a');
      for (const channel of [removed, cleared]) await clear(channel);
      await list.unlist(keyOf(removed));
      const keys = [asked, cleared, removed, never, limited].map(keyOf);
      const elsewhere = `discord/${crypto.randomUUID()}`;
      for (const key of [...keys, elsewhere]) await settings.change(key, { systemPrompt: 'Be brief.' });
      await settings.change(keyOf(limited), { limits });
      await settings.clearUnused(60_000);
      const set = { systemPrompt: 'Be brief.' };
      expect(await settings.read(keys)).toEqual([set, set, set, set, { ...set, limits }]);
      await settings.clearUnused(0);
      expect(await settings.read([...keys, elsewhere])).toEqual([set, set, {}, {}, { limits }, set]);
      await settings.change(keyOf(removed), set);
      await exchange(removed, 'again', 'a');
      await settings.clearUnused(0);
      expect(await settings.read([keyOf(removed)])).toEqual([set]);
    });
  });
}
