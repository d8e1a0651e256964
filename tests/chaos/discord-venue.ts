import { z } from 'zod';
import type { DiscordDouble } from '../doubles/discord/discord-double.js';
import type { Person } from '../doubles/discord/person.js';
import type { DoubleChannel } from '../doubles/discord/world.js';
import type { Activity } from './activity.js';
import { questionText, tagOfAnswer } from './marked-words.js';
import type { AskedQuestion, Talk, Telling, Venue } from './talk.js';

const Shown = z.looseObject({
  author: z.looseObject({ id: z.string() }),
  content: z.string(),
  components: z.array(z.unknown()).default([]),
});

/** Channels with two people each, and direct messages. */
export class DiscordVenue implements Venue {
  readonly talks: readonly Talk[];
  readonly #discord: DiscordDouble;
  #read = 0;
  /** Events to be told, or told again. */
  #later = 0;

  constructor(discord: DiscordDouble, count: number) {
    this.#discord = discord;
    const ada = discord.person;
    const bo = discord.addPerson('bo', 'Bo');
    this.talks = Array.from({ length: count }, (_, i) => {
      if (i % 5 === 4) {
        const person = discord.addPerson(`person-${i}`);
        return this.#talk(discord.directChannel(person), [person]);
      }
      const channel = discord.world.addChannel({
        kind: 'text',
        name: `chaos-${i}`,
        guildId: discord.guild.id,
      });
      return this.#talk(channel, [ada, bo]);
    });
  }

  observe(activity: Activity, note: (line: string) => void = () => {}): void {
    const { log, world } = this.#discord;
    for (; this.#read < log.entries.length; this.#read++) {
      const entry = log.entries[this.#read];
      if (entry?.type === 'gateway')
        note(`Discord’s gateway: ${entry.what} ${JSON.stringify(entry.detail ?? '')}`);
      if (entry?.type !== 'dispatch' || !/^MESSAGE_(CREATE|UPDATE)$/.test(entry.event)) continue;
      const { author, content, components } = Shown.parse(entry.data);
      const tag = author.id === world.bot.id ? tagOfAnswer(content) : null;
      if (tag !== null) activity.changed(tag, JSON.stringify(components).includes('Regenerate'));
    }
  }

  pending(): boolean {
    return this.#later > 0;
  }

  limited(): number {
    return this.#discord.rest.limits.refused;
  }

  #talk(channel: DoubleChannel, people: readonly Person[]): Talk {
    const discord = this.#discord;
    let asked = 0;
    return {
      name: `discord/${channel.id}`,
      reachable: () => discord.gateway.connected,
      ask: (tag, telling) =>
        this.#ask(channel, people[asked++ % people.length] ?? discord.person, tag, telling),
      shown: () => discord.replies(channel).map(({ content }) => content),
    };
  }

  #ask(channel: DoubleChannel, person: Person, tag: string, telling: Telling): AskedQuestion {
    const { gateway, log } = this.#discord;
    const mention = channel.kind !== 'dm';
    const message = person.say(channel, questionText(tag), { mention, deliveries: 0 });
    const entry = log.entries.at(-1);
    if (entry?.type !== 'dispatch') throw new Error('the double told nobody of a message');
    let toldAt: number | null = null;
    const tell = () => {
      toldAt ??= Date.now();
      gateway.dispatch('MESSAGE_CREATE', entry.data);
    };
    this.#after(telling.lateMs, tell);
    if (telling.twiceAfterMs !== null) this.#after(telling.lateMs + telling.twiceAfterMs, tell);
    return {
      tag,
      conversation: `discord/${channel.id}`,
      key: `discord/${channel.id}/${message.id}`,
      askedAt: Date.now(),
      takenAt: () => toldAt,
      // What no gateway heard is fetched over REST.
      mayBeMissed: () => false,
    };
  }

  #after(ms: number, work: () => void): void {
    if (ms === 0) {
      work();
      return;
    }
    this.#later++;
    setTimeout(() => {
      this.#later--;
      work();
    }, ms);
  }
}
