import type { DiscordDouble } from '../doubles/discord/discord-double.js';

/**
 * What this machine takes now, in ms, to begin three answers on Discord, one after the other: a measure for what is
 * promised beside waits of a known length, and takes longer where the machine is busy.
 */
export async function threeAnswersMs(discord: DiscordDouble): Promise<number> {
  const began = performance.now();
  for (let count = 1; count <= 3; count++) {
    const name = `to-compare-with-${count}`;
    const channel = discord.world.addChannel({ kind: 'text', name, guildId: discord.guild.id });
    discord.person.say(channel, 'how long does this take?', { mention: true });
    await discord.waitForReply(undefined, channel);
  }
  return performance.now() - began;
}
