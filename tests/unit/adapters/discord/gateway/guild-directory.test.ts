import type { GatewayDispatchPayload } from 'discord.js';
import { expect, test } from 'vitest';
import { GuildDirectory } from '../../../../../adapters/discord/gateway/guild-directory.js';

const event = (t: string, d: object) => ({ op: 0, s: 1, t, d }) as unknown as GatewayDispatchPayload;
const ready = (...ids: string[]) => event('READY', { guilds: ids.map((id) => ({ id, unavailable: true })) });
const listed = (id: string) => event('GUILD_CREATE', { id, channels: [], threads: [], roles: [] });

test('guilds are counted by shard, from what Discord says when it connects, and as they come and go', () => {
  const directory = new GuildDirectory();
  directory.hear(listed('9'), 0);
  expect(directory.guilds).toBeNull();
  directory.hear(ready('1', '2'), 0);
  directory.hear(ready('3'), 1);
  expect(directory.guilds).toBe(3);
  directory.hear(listed('1'), 0);
  directory.hear(listed('4'), 1);
  expect(directory.guilds).toBe(4);
  directory.hear(event('GUILD_DELETE', { id: '2', unavailable: true }), 0);
  expect(directory.guilds).toBe(4);
  directory.hear(event('GUILD_DELETE', { id: '2' }), 0);
  expect(directory.guilds).toBe(3);
  directory.hear(ready('1'), 0);
  expect(directory.guilds).toBe(3);
});
