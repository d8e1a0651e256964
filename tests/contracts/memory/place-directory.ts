import { beforeAll, describe, expect, test } from 'vitest';
import { addressKey } from '../../../src/domain/address.js';
import type { PlaceDirectory } from '../../../src/ports/memory/place-directory.js';
import { incoming, newAuthor, newChannel } from '../../fixtures/incoming-message.js';
import type { Turns } from '../../fixtures/open-turns.js';

export interface PlaceDirectoryHarness {
  readonly places: PlaceDirectory;
  readonly turns: Turns;
}

/** What every PlaceDirectory shows of the places whose turns the store beside it writes. */
export function describePlaceDirectory(name: string, open: () => Promise<PlaceDirectoryHarness>): void {
  describe(`a place directory on ${name}`, () => {
    let harness: PlaceDirectoryHarness;
    beforeAll(async () => {
      harness = await open();
    });

    test('lists a place once, however many memories it holds, and finds it by its key', async () => {
      const address = { ...newChannel(), kind: 'thread', parent: 'above' } as const;
      for (const author of [newAuthor(), newAuthor()])
        await harness.turns.recorder.record(incoming(address, { author }), 'user');
      const page = await harness.places.page({ search: address.channel.toUpperCase(), limit: 10 });
      expect(page).toEqual({
        places: [{ key: addressKey(address), address, firstUsedAt: expect.any(Date) }],
        earlier: null,
      });
      const { places: listed } = await harness.places.page({ limit: 200 });
      const found = await harness.places.find(addressKey(address));
      expect(found?.address).toEqual(address);
      expect(listed).toContainEqual(found);
    });

    test('knows nothing of a place where nobody spoke, nor of what is no key', async () => {
      const address = newChannel();
      await harness.turns.recorder.record(incoming(address), 'channel');
      expect(await harness.places.find(addressKey({ ...address, thread: '1.2' }))).toBeNull();
      for (const key of ['', 'discord', 'irc/a/b/c', 'discord/a/b/%', 'discord/a/b/c/d/e'])
        expect(await harness.places.find(key)).toBeNull();
    });

    test('shows no call of a program, to which nobody comes back', async () => {
      const call = { ...newChannel(), platform: 'web', workspace: 'v1', kind: 'call' } as const;
      await harness.turns.recorder.record(incoming(call), 'channel');
      expect((await harness.places.page({ search: call.channel, limit: 10 })).places).toEqual([]);
      expect(await harness.places.find(addressKey(call))).toBeNull();
    });

    test('knows where a turn was asked', async () => {
      const address = { ...newChannel(), platform: 'slack', thread: '1.2', kind: 'thread' } as const;
      const { turnId } = await harness.turns.recorder.record(incoming(address), 'channel');
      expect(await harness.places.ofTurn(turnId)).toEqual(address);
      expect(await harness.places.ofTurn(2_147_483_647)).toBeNull();
    });

    test('pages go back from the place first used last, of one platform where that is asked for', async () => {
      const workspace = newChannel().channel;
      const at = (channel: string, platform: 'discord' | 'slack') =>
        ({ ...newChannel(), workspace, channel, platform }) as const;
      for (const address of [at('one', 'discord'), at('two', 'slack'), at('three', 'discord')])
        await harness.turns.recorder.record(incoming(address), 'channel');
      const channels = (page: Awaited<ReturnType<PlaceDirectory['page']>>) =>
        page.places.map(({ address }) => address.channel);
      const newest = await harness.places.page({ search: workspace, limit: 2 });
      expect(channels(newest)).toEqual(['three', 'two']);
      const rest = { search: workspace, limit: 2, before: newest.earlier ?? 0 };
      expect(channels(await harness.places.page(rest))).toEqual(['one']);
      const discord = await harness.places.page({ platform: 'discord', search: workspace, limit: 2 });
      expect(channels(discord)).toEqual(['three', 'one']);
      expect(discord.earlier).toBeNull();
    });
  });
}
