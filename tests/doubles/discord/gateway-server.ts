import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import type { EventLog } from './event-log.js';
import { renderGuild, renderUser } from './render.js';
import type { World } from './world.js';

const MESSAGE_CONTENT = 1 << 15;
const Payload = z.looseObject({ op: z.number(), d: z.unknown() });
const Shard = z.tuple([z.number(), z.number()]);
const Identify = z.looseObject({ token: z.string(), intents: z.number(), shard: Shard.default([0, 1]) });
const Resume = z.looseObject({ token: z.string(), session_id: z.string(), seq: z.number() });

interface Session {
  readonly id: string;
  readonly intents: number;
  /** Which of how many. */
  readonly shard: readonly [number, number];
  readonly sent: { s: number; t: string; d: unknown }[];
  sequence: number;
  socket: WebSocket | null;
  resumable: boolean;
  /** Milliseconds since 1970, when its connection went. */
  leftAt: number;
}

export interface GatewayOptions {
  readonly world: World;
  readonly log: EventLog;
  readonly url: () => string;
  readonly token: () => string | null;
}

/** Discord's gateway: JSON, resumable sessions, one for each shard. */
export class GatewayServer {
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #sessions: Session[] = [];
  readonly #options: GatewayOptions;
  /** Intents the application was not granted: asking for one closes with 4014. */
  messageContentGranted = true;
  /** Connections to refuse before the next is taken. */
  refusals = 0;
  /** Guilds are listed in READY and then never sent, as during an outage. */
  withholdGuilds = false;
  /** Milliseconds for which a session without a connection can be resumed. */
  sessionLifeMs = 3 * 60_000;
  /** Milliseconds between new sessions, all shards in one bucket; 0: as many as come. */
  identifyEveryMs = 0;
  #identifiedAt = Number.NEGATIVE_INFINITY;

  constructor(options: GatewayOptions) {
    this.#options = options;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.refusals > 0) {
      this.refusals--;
      this.#options.log.add({ type: 'gateway', what: 'refused' });
      socket.destroy();
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (connection) => this.#welcome(connection));
  }

  /** The bot reads messages that do not mention it. */
  get readsContent(): boolean {
    const session = this.#sessions.at(-1);
    return session !== undefined && (session.intents & MESSAGE_CONTENT) !== 0;
  }

  get connected(): boolean {
    return this.#sessions.some(({ socket }) => socket !== null);
  }

  /** Sends an event to the sessions of its shard, or keeps it for the replay where the bot is away. */
  dispatch(event: string, data: unknown, times = 1): void {
    this.#options.log.add({ type: 'dispatch', event, data });
    for (const session of this.#sessions.filter((known) => this.#isAlive(known) && hears(known, event, data)))
      for (let i = 0; i < times; i++) this.#dispatchTo(session, event, data);
  }

  /** No session of before can be resumed, as after an outage of Discord's or a long absence of the bot. */
  forgetSessions(): void {
    for (const session of this.#sessions) session.resumable = false;
  }

  /** Sends a raw frame, whatever it is. */
  sendRaw(frame: string): void {
    this.#live()?.socket?.send(frame);
  }

  /** TCP is cut without a goodbye. */
  dropConnection(): void {
    this.#live()?.socket?.terminate();
  }

  /** Op 7. */
  askToReconnect(): void {
    this.#live()?.socket?.send(JSON.stringify({ op: 7, d: null }));
  }

  /** Op 9; with `resumable` false the events of the time between are lost. */
  invalidateSession(resumable: boolean): void {
    const session = this.#live();
    if (!session) return;
    session.resumable = resumable;
    session.socket?.send(JSON.stringify({ op: 9, d: resumable }));
  }

  close(code: number): void {
    this.#live()?.socket?.close(code);
  }

  async stop(): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #live(): Session | undefined {
    return this.#sessions.findLast(({ socket }) => socket !== null);
  }

  #welcome(socket: WebSocket): void {
    const { log } = this.#options;
    log.add({ type: 'gateway', what: 'connected' });
    socket.send(JSON.stringify({ op: 10, d: { heartbeat_interval: 41_250 } }));
    socket.on('message', (data) => this.#receive(socket, Payload.parse(JSON.parse(String(data)))));
    socket.on('error', () => socket.terminate());
    socket.on('close', (code) => {
      const session = this.#sessions.find((known) => known.socket === socket);
      if (session) {
        session.socket = null;
        session.leftAt = this.#options.world.clock.now();
      }
      // 1000 and 1001 end a session.
      if (session && (code === 1000 || code === 1001)) session.resumable = false;
      log.add({ type: 'gateway', what: 'closed', detail: code });
    });
  }

  #receive(socket: WebSocket, payload: z.infer<typeof Payload>): void {
    if (payload.op === 1) socket.send(JSON.stringify({ op: 11 }));
    if (payload.op === 2) this.#identify(socket, Identify.parse(payload.d));
    if (payload.op === 6) this.#resume(socket, Resume.parse(payload.d));
  }

  #identify(socket: WebSocket, { token, intents, shard }: z.infer<typeof Identify>): void {
    if (token !== this.#options.token()) {
      socket.close(4004, 'Authentication failed.');
      return;
    }
    if (!this.messageContentGranted && (intents & MESSAGE_CONTENT) !== 0) {
      socket.close(4014, 'Disallowed intent(s).');
      return;
    }
    const { world, log, url } = this.#options;
    const now = world.clock.now();
    if (now - this.#identifiedAt < this.identifyEveryMs) {
      log.add({ type: 'gateway', what: 'refused', detail: 'too many sessions begin at once' });
      socket.send(JSON.stringify({ op: 9, d: false }));
      return;
    }
    this.#identifiedAt = now;
    const id = `session-${this.#sessions.length + 1}`;
    const session: Session = {
      id,
      intents,
      shard,
      sent: [],
      sequence: 0,
      socket,
      resumable: true,
      leftAt: 0,
    };
    this.#sessions.push(session);
    log.add({ type: 'gateway', what: 'identified', detail: { intents, shard } });
    const guilds = [...world.guilds.values()].filter(
      ({ id: guildId, hasBot }) => hasBot && shardOf(guildId, shard[1]) === shard[0],
    );
    this.#dispatchTo(session, 'READY', {
      v: 10,
      user: { ...renderUser(world.bot), email: null, verified: true, mfa_enabled: false },
      guilds: guilds.map((guild) => ({ id: guild.id, unavailable: true })),
      session_id: id,
      resume_gateway_url: url(),
      application: { id: world.bot.id, flags: this.messageContentGranted ? 1 << 19 : 0 },
      shard,
    });
    if (this.withholdGuilds) return;
    for (const guild of guilds) this.#dispatchTo(session, 'GUILD_CREATE', renderGuild(world, guild));
  }

  #resume(socket: WebSocket, { token, session_id, seq }: z.infer<typeof Resume>): void {
    const session = this.#sessions.find(({ id }) => id === session_id);
    if (token !== this.#options.token()) {
      socket.close(4004, 'Authentication failed.');
      return;
    }
    if (!session?.resumable || !this.#isAlive(session)) {
      socket.send(JSON.stringify({ op: 9, d: false }));
      return;
    }
    const before = session.socket;
    session.socket = socket;
    before?.close(4000, 'Resumed elsewhere.');
    for (const { s, t, d } of session.sent) if (s > seq) socket.send(JSON.stringify({ op: 0, s, t, d }));
    this.#options.log.add({ type: 'gateway', what: 'resumed', detail: { after: seq } });
    this.#dispatchTo(session, 'RESUMED', {});
  }

  #isAlive({ socket, resumable, leftAt }: Session): boolean {
    return socket !== null || (resumable && this.#options.world.clock.now() - leftAt < this.sessionLifeMs);
  }

  #dispatchTo(session: Session, t: string, d: unknown): void {
    const s = ++session.sequence;
    session.sent.push({ s, t, d });
    session.socket?.send(JSON.stringify({ op: 0, s, t, d }));
  }
}

/** Discord spreads servers over shards by their id; what has no server comes to the first. */
function shardOf(guildId: string, count: number): number {
  return Number((BigInt(guildId) >> 22n) % BigInt(count));
}

function hears({ shard: [id, count] }: Session, event: string, data: unknown): boolean {
  if (count === 1) return true;
  const { guild_id, id: own } = z
    .object({ guild_id: z.string().optional(), id: z.string().optional() })
    .parse(data ?? {});
  const guildId = event.startsWith('GUILD_') ? own : guild_id;
  return (guildId === undefined ? 0 : shardOf(guildId, count)) === id;
}
