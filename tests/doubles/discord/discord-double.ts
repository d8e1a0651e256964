import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../../src/ports/process/clock.js';
import { systemClock } from '../../../src/process/system-clock.js';
import type { Effects } from './call.js';
import { EventLog, type RequestEntry } from './event-log.js';
import type { Fault } from './faults.js';
import { GatewayServer } from './gateway-server.js';
import { Person } from './person.js';
import { renderChannel, renderMessage } from './render.js';
import { RestServer } from './rest-server.js';
import { type DoubleChannel, type DoubleGuild, type DoubleMessage, World } from './world.js';

export interface DoubleOptions {
  /** Windows of buckets, the 3 s of an interaction and the 15 minutes of its token go by this clock. */
  readonly clock?: Clock;
  readonly token?: string;
}

/**
 * Discord, as far as a chat bot sees it: REST and gateway over real sockets on 127.0.0.1.
 *
 * It starts with one guild, one text channel and one person. Point `DISCORD_API_URL` at `apiUrl`, use `token`,
 * act through `person`, and await `waitForReply` or `log.waitFor`.
 *
 * Every request, and every answer of its own, is judged by Discord's OpenAPI specification; `stop` throws where
 * the double itself broke it.
 */
export class DiscordDouble {
  readonly log = new EventLog();
  readonly world: World;
  readonly rest: RestServer;
  readonly gateway: GatewayServer;
  readonly guild: DoubleGuild;
  readonly channel: DoubleChannel;
  readonly person: Person;
  readonly #http: Server;
  readonly #ending = new AbortController();

  constructor(options: DoubleOptions = {}) {
    const { clock = systemClock, token = 'double.token.secret' } = options;
    this.world = new World(clock);
    this.guild = this.world.addGuild('Quiet Library');
    this.channel = this.world.addChannel({ kind: 'text', name: 'reading-room', guildId: this.guild.id });
    this.gateway = new GatewayServer({
      world: this.world,
      log: this.log,
      url: () => `ws://127.0.0.1:${this.#port}/gateway`,
      token: () => this.rest.token,
    });
    this.rest = new RestServer(token, {
      world: this.world,
      log: this.log,
      effects: this.#effects(),
      gatewayUrl: () => `ws://127.0.0.1:${this.#port}/gateway`,
      readsContent: () => this.gateway.readsContent,
    });
    this.person = this.addPerson('ada', 'Ada');
    this.#http = createServer((request, response) => {
      this.rest.handle(request, response).catch((error: unknown) => {
        this.rest.lies.push(`the double failed: ${String(error)}`);
        response.writeHead(500).end();
      });
    });
    this.#http.on('upgrade', (request, socket, head) => this.gateway.upgrade(request, socket, head));
  }

  /** For `DISCORD_API_URL`. */
  get apiUrl(): string {
    return `http://127.0.0.1:${this.#port}/api`;
  }

  get token(): string {
    return this.rest.token ?? 'revoked';
  }

  get #port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#http.listen(0, '127.0.0.1', resolve));
    return this;
  }

  /** @throws {Error} where an answer of the double broke the specification */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.gateway.stop();
    this.#http.closeAllConnections();
    await new Promise<void>((resolve) => this.#http.close(() => resolve()));
    const [lie] = this.rest.lies.splice(0);
    if (lie !== undefined) throw new Error(`the Discord double was not honest: ${lie}`);
  }

  /** Someone else who can write. */
  addPerson(username: string, displayName?: string): Person {
    const user = this.world.addUser({ username, ...(displayName === undefined ? {} : { displayName }) });
    return new Person(this.world, this.gateway, this.log, user, this.#ending.signal);
  }

  /** The direct message channel of a person; made on first use. */
  directChannel(person = this.person): DoubleChannel {
    const known = [...this.world.channels.values()].find(
      ({ kind, recipient }) => kind === 'dm' && recipient === person.user.id,
    );
    return known ?? this.world.addChannel({ kind: 'dm', recipient: person.user.id });
  }

  /** Opens a thread under a channel and tells the gateway. */
  openThread(parent = this.channel, name = 'thread', announced = true): DoubleChannel {
    const { guildId, id: parentId } = parent;
    const thread = this.world.addChannel({ kind: 'thread', name, guildId, parentId, announced });
    if (announced) {
      this.gateway.dispatch('THREAD_CREATE', { ...renderChannel(this.world, thread), newly_created: true });
    }
    return thread;
  }

  fail(fault: Fault): void {
    this.rest.faults.add(fault);
  }

  /** The token is dead from now on, on both sides. */
  revokeToken(): void {
    this.rest.token = null;
  }

  /** What the bot has written in a channel, oldest first, deleted messages left out. */
  replies(channel: DoubleChannel = this.channel): DoubleMessage[] {
    return [...this.world.messages.values()].filter(
      (message) =>
        message.channelId === channel.id && message.authorId === this.world.bot.id && !message.deleted,
    );
  }

  /** Resolves with the newest reply of the bot that `matches`. */
  waitForReply(
    matches: (message: DoubleMessage) => boolean = ({ content }) => content !== '',
    channel: DoubleChannel = this.channel,
    withinMs?: number,
  ): Promise<DoubleMessage> {
    return this.log.waitFor(() => this.replies(channel).findLast(matches), 'a reply of the bot', withinMs);
  }

  waitForRequest(method: string, path: RegExp, withinMs?: number): Promise<RequestEntry> {
    return this.log.waitFor(() => this.log.requests(method, path).at(-1), `${method} ${path}`, withinMs);
  }

  /** Resolves once the bot has identified or resumed (`times` times in all). */
  waitForBot(times = 1): Promise<unknown> {
    const came = () =>
      this.log.entries.filter(
        (entry) => entry.type === 'gateway' && (entry.what === 'identified' || entry.what === 'resumed'),
      ).length;
    return this.log.waitFor(() => came() >= times, 'the bot to identify or resume');
  }

  /** Everyone who was pinged so far: user ids, `&role`, `everyone`. */
  get pings(): string[] {
    return this.log.entries.flatMap((entry) => (entry.type === 'ping' ? [entry.who] : []));
  }

  #effects(): Effects {
    const tell = (event: string, message: DoubleMessage, pings: readonly string[], by: 'create' | 'edit') => {
      const channel = this.world.channels.get(message.channelId);
      for (const who of pings) this.log.add({ type: 'ping', who, messageId: message.id, by });
      this.log.changed();
      if (!channel || message.ephemeral || !this.world.botIsIn(channel)) return;
      const guild = channel.guildId === null ? {} : { guild_id: channel.guildId };
      const body = renderMessage(this.world, message, this.gateway.readsContent);
      this.gateway.dispatch(event, { ...body, ...guild });
    };
    return {
      created: (message, pings) => tell('MESSAGE_CREATE', message, pings, 'create'),
      edited: (message, pings) => tell('MESSAGE_UPDATE', message, pings, 'edit'),
      deleted: (message) => {
        this.log.changed();
        this.gateway.dispatch('MESSAGE_DELETE', { id: message.id, channel_id: message.channelId });
      },
    };
  }
}
