import type { Clock } from '../../../../../src/ports/process/clock.js';
import { DiscordDouble } from '../../../../doubles/discord/discord-double.js';
import type { DoubleChannel, DoubleMessage } from '../../../../doubles/discord/world.js';
import { RecordingInbox } from '../../../../doubles/recorders/recording-inbox.js';
import {
  type AdapterBench,
  type AdapterBenchOptions,
  Facts,
  Known,
  openAdapter,
} from '../adapter-fixture.js';

/** What keeps one channel's history from being read. */
export const HISTORY = 'GET /channels/{channel_id}/messages';

/** A bot whose processes come and go, one after the other, on the same database. */
export class AbsenceBench {
  readonly double: DiscordDouble;
  readonly inbox = new RecordingInbox();
  readonly facts = new Facts();
  readonly known = new Known();
  readonly #clock: Clock;
  readonly #options: AdapterBenchOptions;
  #running: AdapterBench | undefined;

  private constructor(double: DiscordDouble, clock: Clock, options: AdapterBenchOptions) {
    this.double = double;
    this.#clock = clock;
    this.#options = options;
  }

  static async open(clock: Clock, options: AdapterBenchOptions = {}): Promise<AbsenceBench> {
    return new AbsenceBench(await new DiscordDouble({ clock }).start(), clock, options);
  }

  /** Resolves once connected. */
  async start(options: AdapterBenchOptions = {}): Promise<AdapterBench> {
    const { double, inbox, facts, known } = this;
    const connections = double.log.entries.filter(
      (entry) => entry.type === 'gateway' && (entry.what === 'identified' || entry.what === 'resumed'),
    ).length;
    const clock = this.#clock;
    this.#running = await openAdapter({ double, clock, inbox, facts, known, ...this.#options, ...options });
    await double.waitForBot(connections + 1);
    return this.#running;
  }

  async stop(): Promise<void> {
    await this.#running?.adapter.stop();
  }

  async close(): Promise<void> {
    await this.stop();
    await this.double.stop();
  }

  /** Runs for a moment in which it hears of `channels` what is there, and goes; Discord forgets its session. */
  async leave(): Promise<void> {
    await this.start();
    await this.stop();
    this.double.gateway.forgetSessions();
  }

  addChannel(name: string): DoubleChannel {
    return this.double.world.addChannel({ kind: 'text', name, guildId: this.double.guild.id });
  }

  say(text: string, channel = this.double.channel): DoubleMessage {
    return this.double.person.say(channel, text, { mention: channel.guildId !== null });
  }

  /** The bot was spoken to here; `newest` was recorded. */
  knows(channel: DoubleChannel, newest: string | null = null): void {
    const { guildId, id } = channel;
    this.known.channels.push({ workspace: guildId ?? '-', channel: id, newestMessageId: newest });
  }

  taken(text: string): Promise<unknown> {
    return this.double.log.waitFor(() => this.texts().includes(text), `“${text}” to be taken in`);
  }

  texts(channel?: DoubleChannel): string[] {
    const here = this.inbox.messages.filter(({ address }) => !channel || address.channel === channel.id);
    return here.map(({ text }) => text);
  }

  /** Requests for a channel's history so far. */
  reads(channel: DoubleChannel): number {
    return this.double.log.requests('GET', new RegExp(`^/channels/${channel.id}/messages$`)).length;
  }

  awaitReads(channel: DoubleChannel, count: number): Promise<unknown> {
    return this.double.log.waitFor(() => this.reads(channel) >= count, `${count} reads`);
  }
}
