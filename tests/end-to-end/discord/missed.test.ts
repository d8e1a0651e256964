import { expect, test } from 'vitest';
import { ShiftedClock } from '../../doubles/clocks/shifted-clock.js';
import { DiscordDouble } from '../../doubles/discord/discord-double.js';
import { startModelServer } from '../../doubles/model-server/model-server.js';
import { startUnderTest } from '../parley-under-test.js';

const MENTIONS = 200;
const CHANNELS = 20;

test('down for 30 minutes with 200 mentions meanwhile: each is answered once and in order', async () => {
  const clock = new ShiftedClock();
  const discord = await new DiscordDouble({ clock }).start();
  const server = await startModelServer({
    script: ({ messages }) => `Answer to ${/number \d+/.exec(messages.at(-1)?.content ?? '')?.[0]}.`,
  });
  // A person's own limit must not keep what was written over half an hour.
  const under = await startUnderTest({
    discord,
    modelServer: server,
    clock,
    file: { limits: { turnsPerMinute: 3 }, delivery: { callAttention: 'off' } },
  });
  const channels = Array.from({ length: CHANNELS - 1 }, (_, i) =>
    discord.world.addChannel({ kind: 'text', name: `channel-${i}`, guildId: discord.guild.id }),
  );
  const places = [...channels, discord.directChannel()];
  const people = Array.from({ length: CHANNELS }, (_, i) => discord.addPerson(`person-${i}`));
  try {
    await discord.waitForBot();
    for (const [i, place] of places.entries()) {
      const mention = place.guildId !== null;
      const person = mention ? people[i] : discord.person;
      person?.say(place, `number ${1000 + i}`, { mention });
    }
    const finished = (text: string) => (message: { content: string; components: readonly unknown[] }) =>
      message.content === text && JSON.stringify(message.components).includes('Regenerate');
    await Promise.all(
      places.map((place, i) => discord.waitForReply(finished(`Answer to number ${1000 + i}.`), place)),
    );
    let said = 0;
    await under.restart(() => {
      for (; said < MENTIONS; said++) {
        clock.shift((30 * 60_000) / MENTIONS);
        const place = places[said % CHANNELS];
        const mention = place?.guildId !== null;
        const person = mention ? people[said % CHANNELS] : discord.person;
        if (place && person) person.say(place, `number ${said}`, { mention });
      }
    });
    // Where a reply stands is decided earlier, by the note that others are ahead. An attempt that took another's turn over
    // may send its last edit again.
    const answers = (place: (typeof places)[number]) => {
      const sent = discord.log.entries.flatMap((entry) =>
        entry.type === 'request' && entry.path.startsWith(`/channels/${place.id}/`) && entry.status === 200
          ? (/"content":"(Answer to number \d+\.)".*"label":"Regenerate"/.exec(
              JSON.stringify(entry.body),
            )?.[1] ?? [])
          : [],
      );
      return [...new Set(sent)];
    };
    await Promise.all(
      places.map((place, i) =>
        discord.waitForReply(finished(`Answer to number ${MENTIONS - CHANNELS + i}.`), place),
      ),
    );
    for (const [i, place] of places.entries()) {
      const numbers = Array.from({ length: MENTIONS / CHANNELS }, (_, n) => n * CHANNELS + i);
      const expected = [1000 + i, ...numbers].map((n) => `Answer to number ${n}.`);
      expect(answers(place)).toEqual(expected);
      expect(discord.replies(place)).toHaveLength(expected.length);
    }
    expect(
      discord.log.entries.filter((entry) => entry.type === 'gateway' && entry.what === 'resumed'),
    ).toEqual([]);
  } finally {
    await under.stop();
    await server.close();
    await discord.stop();
  }
}, 360_000);
