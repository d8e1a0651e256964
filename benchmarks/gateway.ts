import { monitorEventLoopDelay } from 'node:perf_hooks';
import { DiscordDouble } from '../tests/doubles/discord/discord-double.js';
import type { DoubleChannel } from '../tests/doubles/discord/world.js';
import { startModelServer } from '../tests/doubles/model-server/model-server.js';
import { answer } from '../tests/doubles/model-server/reply.js';
import { startUnderTest } from '../tests/end-to-end/parley-under-test.js';
import { type BenchRow, quantile } from './bench-row.js';

const TURNS = 60;
/** Long enough that the reply still streams when its first text is on the platform. */
const REPLY = Array.from({ length: 12 }, (_, i) => `word${i}`).join(' ');

/**
 * One Discord message after the other, each in a channel of its own, with a model server that answers at once: what
 * Parley itself adds before the model is asked, and between the model's first token and the first visible text.
 */
export async function benchGateway(): Promise<BenchRow[]> {
  /** When the model was asked, which is when its first token leaves. */
  const askedAt = new Map<string, number>();
  const server = await startModelServer({
    script: ({ messages }) => {
      const key = /turn-\d+/.exec(messages.at(-1)?.content ?? '')?.[0] ?? '';
      askedAt.set(key, performance.now());
      return answer(`${key} ${REPLY}`, { paceMs: 20 });
    },
  });
  const discord = await new DiscordDouble().start();
  // Known to the bot from the start, as the channels of its servers are.
  const channels = Array.from({ length: TURNS + 1 }, (_, i) =>
    discord.world.addChannel({ kind: 'text', name: `channel-${i}`, guildId: discord.guild.id }),
  );
  const under = await startUnderTest({ discord, modelServer: server });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  try {
    await discord.waitForBot();
    delay.enable();
    const toRequest: number[] = [];
    const toText: number[] = [];
    for (const [i, channel] of channels.entries()) {
      const key = `turn-${i}`;
      const { said, shown } = await oneTurn(discord, channel, key);
      if (i === 0) continue; // connections open, code is compiled
      toRequest.push((askedAt.get(key) ?? Number.NaN) - said);
      toText.push(shown - (askedAt.get(key) ?? Number.NaN));
    }
    delay.disable();
    return [
      { name: 'platform event to model request, p50', value: quantile(toRequest, 0.5), unit: 'ms' },
      {
        name: 'platform event to model request, p95',
        value: quantile(toRequest, 0.95),
        unit: 'ms',
        target: { atMost: 50 },
      },
      { name: 'first token to first visible text, p50', value: quantile(toText, 0.5), unit: 'ms' },
      {
        name: 'first token to first visible text, p95',
        value: quantile(toText, 0.95),
        unit: 'ms',
        target: { atMost: 400 },
      },
      {
        name: 'event-loop delay while answering, p99',
        value: delay.percentile(99) / 1e6,
        unit: 'ms',
        note: 'gateway, worker and both doubles in one process',
      },
    ];
  } finally {
    await under.stop();
    await server.close();
    await discord.stop();
  }
}

async function oneTurn(
  discord: DiscordDouble,
  channel: DoubleChannel,
  key: string,
): Promise<{ readonly said: number; readonly shown: number }> {
  const said = performance.now();
  discord.person.say(channel, key, { mention: true });
  await discord.waitForReply(({ content }) => content.startsWith(key), channel);
  const shown = performance.now();
  await discord.waitForReply(({ content }) => content.endsWith('word11'), channel);
  return { said, shown };
}
