import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Address } from '../../../src/domain/address.js';
import type { KnownChannels } from '../../../src/ports/memory/known-channels.js';
import { incoming } from '../../fixtures/incoming-message.js';
import type { Turns } from '../../fixtures/open-turns.js';

export interface OpenedKnownChannels {
  readonly known: KnownChannels;
  readonly turns: Turns;
}

/** What every store of messages tells of the channels they came from. */
export function describeKnownChannels(name: string, open: () => Promise<OpenedKnownChannels>): void {
  describe(`known channels: ${name}`, () => {
    async function setUp() {
      const app = `app-${randomUUID()}`;
      const { known, turns } = await open();
      const place = (channel: string): Address => ({
        platform: 'discord',
        app,
        workspace: 'guild',
        channel: `${app}-${channel}`,
        kind: 'channel',
      });
      const hear = (address: Address, platformMessageId?: string) => {
        const { platformMessageId: _id, ...message } = incoming(address);
        const id = platformMessageId === undefined ? {} : { platformMessageId };
        return turns.recorder.record({ ...message, ...id }, 'channel');
      };
      return { app, known, place, hear };
    }

    test('each with its newest message by number, those spoken in last first', async () => {
      const { app, known, place, hear } = await setUp();
      const [one, two] = [place('one'), place('two')];
      await hear(one, '999999999999999999');
      await hear(two, '1000000000000000005');
      await hear(one, '1000000000000000001');
      await hear(one, '1000000000000000000');
      expect(await known.latest('discord', app, 10)).toEqual([
        { workspace: 'guild', channel: one.channel, newestMessageId: '1000000000000000001' },
        { workspace: 'guild', channel: two.channel, newestMessageId: '1000000000000000005' },
      ]);
      expect(await known.latest('discord', app, 1)).toHaveLength(1);
    });

    test('a channel whose messages have no id of the platform is known all the same', async () => {
      const { app, known, place, hear } = await setUp();
      const used = place('commands');
      await hear(used);
      expect(await known.latest('discord', app, 10)).toEqual([
        { workspace: 'guild', channel: used.channel, newestMessageId: null },
      ]);
    });

    test('another app, or another platform, has its own', async () => {
      const { app, known, place, hear } = await setUp();
      await hear(place('one'), '1');
      expect(await known.latest('discord', `${app}-other`, 10)).toEqual([]);
      expect(await known.latest('slack', app, 10)).toEqual([]);
    });
  });
}
