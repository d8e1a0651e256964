import { type ApiCall, ApiServer, type Fault } from './api-server.js';
import { type Delivery, EventDelivery } from './event-delivery.js';
import { MethodRates } from './method-rates.js';
import {
  buttonPayload,
  changeEvent,
  eventPayload,
  place,
  type SentAction,
  slashCommandPayload,
} from './payloads.js';
import { SocketModeServer } from './socket-mode-server.js';
import { WebApi } from './web-api.js';
import {
  type Change,
  type Channel,
  type ChannelKind,
  type EphemeralMessage,
  type Json,
  type Message,
  messageJson,
  type Person,
  shownButtons,
  shownText,
  Workspace,
} from './workspace.js';

export interface SlackDoubleOptions {
  /** chat.startStream and its companions exist. Default true. */
  readonly native?: boolean;
  /** agents.sessions.setStatus exists. Default true. */
  readonly agents?: boolean;
  /** assistant.threads.setStatus exists. Default true. */
  readonly assistant?: boolean;
  /** Limits per method are enforced. Default true. */
  readonly rates?: boolean;
  /** Time of the workspace, in ms since 1970. Default: the machine's. */
  readonly now?: () => number;
  /** How long Slack waits for an acknowledgement. Default 3,000 ms, as Slack. */
  readonly ackTimeoutMs?: number;
  /** Default: Slack's own, a thousand times faster. */
  readonly retryDelaysMs?: readonly number[];
}

export interface MessageOptions {
  /** The ts of the thread's first message. */
  readonly thread?: string;
  readonly files?: readonly Json[];
  readonly subtype?: string;
}

/**
 * A Slack workspace with one app in it, for tests: the Web API over HTTP, Socket Mode over WebSocket, and the Events
 * API to an HTTP receiver once `eventsUrl` is set. Acts as its people, and remembers all that happened.
 */
export class SlackDouble {
  readonly botToken = 'xoxb-test-bot-token';
  readonly appToken = 'xapp-test-app-token';
  readonly signingSecret = 'test-signing-secret';
  readonly workspace: Workspace;
  readonly ephemerals: EphemeralMessage[] = [];
  readonly socket: SocketModeServer;
  /** Where events go over HTTP; null: over Socket Mode. */
  eventsUrl: string | null = null;
  readonly #api: WebApi;
  readonly #server: ApiServer;
  readonly #events: EventDelivery;
  readonly #waiters = new Set<() => void>();
  readonly #responses = new Map<string, { user: string; channel: string; uses: number }>();

  private constructor(options: SlackDoubleOptions) {
    const now = options.now ?? Date.now;
    const changed = () => this.#notify();
    this.workspace = new Workspace(now, (change) => this.#echo(change));
    this.socket = new SocketModeServer({
      ackTimeoutMs: options.ackTimeoutMs ?? 3_000,
      appId: this.workspace.appId,
      onChange: changed,
    });
    this.#api = new WebApi({
      workspace: this.workspace,
      native: options.native ?? true,
      agents: options.agents ?? true,
      assistant: options.assistant ?? true,
      onEphemeral: (message) => this.ephemerals.push(message),
    });
    this.#server = new ApiServer({
      tokens: { bot: this.botToken, app: this.appToken },
      rates: (options.rates ?? true) ? new MethodRates(now) : null,
      now,
      call: (method, args) => this.#api.call(method, args),
      openConnection: () => `ws://127.0.0.1:${this.#server.port}/link?ticket=${this.socket.ticket()}`,
      respond: (id, body) => this.#respond(id, body),
      upgrade: (request, socket, head) => this.socket.upgrade(request, socket, head),
      onCall: changed,
    });
    this.#events = new EventDelivery({
      socket: this.socket,
      signingSecret: this.signingSecret,
      url: () => this.eventsUrl,
      retryDelaysMs: options.retryDelaysMs ?? [0, 60, 300],
      httpTimeoutMs: options.ackTimeoutMs ?? 3_000,
      onChange: changed,
    });
  }

  static async start(options: SlackDoubleOptions = {}): Promise<SlackDouble> {
    const double = new SlackDouble(options);
    await double.#server.start();
    return double;
  }

  async stop(): Promise<void> {
    this.socket.stop();
    await this.#events.stop();
    await this.#server.stop();
  }

  /** For `SLACK_API_URL`. */
  get apiUrl(): string {
    return `http://127.0.0.1:${this.#server.port}/api/`;
  }

  get calls(): readonly ApiCall[] {
    return this.#server.calls;
  }

  get deliveries(): readonly Delivery[] {
    return this.#events.deliveries;
  }

  callsTo(method: string): readonly ApiCall[] {
    return this.calls.filter((call) => call.method === method);
  }

  /** The next `times` calls of `method` meet `fault`. */
  fail(method: string, fault: Fault, times = 1): void {
    this.#server.fail(method, fault, times);
  }

  /** Every further call of the bot token fails: `token_revoked`, `account_inactive`, … Null mends it. */
  revokeToken(code: string | null = 'token_revoked'): void {
    this.#server.revoked = code;
  }

  person(name: string): Person {
    return this.workspace.addPerson(name);
  }

  /** A channel with these people and, unless said otherwise, the bot in it. */
  channel(
    name: string,
    people: readonly Person[],
    options: { kind?: ChannelKind; bot?: boolean } = {},
  ): Channel {
    const members = people.map((person) => person.id);
    if (options.bot ?? true) members.push(this.workspace.bot.id);
    return this.workspace.addChannel(name, options.kind ?? 'channel', members);
  }

  /** The direct-message channel of a person and the bot. */
  directChannel(person: Person): Channel {
    const known = [...this.workspace.channels.values()].find(
      (channel) => channel.kind === 'im' && channel.members.has(person.id),
    );
    return known ?? this.channel(`dm-${person.name}`, [person], { kind: 'im' });
  }

  /** Mentions the bot: Slack sends two events for it, with different ids. */
  mention(person: Person, channel: Channel, text: string, options: MessageOptions = {}): Message {
    return this.say(person, channel, `<@${this.workspace.bot.id}> ${text}`, options);
  }

  dm(person: Person, text: string, options: MessageOptions = {}): Message {
    return this.say(person, this.directChannel(person), text, options);
  }

  threadReply(person: Person, channel: Channel, thread: string, text: string): Message {
    return this.say(person, channel, text, { thread });
  }

  /** Posts as a person; text is Slack's markup, as its client would send it. */
  say(person: Person, channel: Channel, text: string, options: MessageOptions = {}): Message {
    const message = this.workspace.post({
      channel: channel.id,
      user: person.id,
      text,
      files: options.files ?? [],
      ...(options.thread ? { threadTs: options.thread } : {}),
    });
    const subtype = options.subtype ?? (message.files.length > 0 ? 'file_share' : undefined);
    const base = { ...messageJson(message, this.workspace.teamId, false), event_ts: message.ts };
    if (text.includes(`<@${this.workspace.bot.id}>`) && channel.kind !== 'im') {
      // An app_mention may lack the files of its message.
      const { files: _files, ...mention } = base as Json & { readonly files?: unknown };
      this.#event({ ...mention, type: 'app_mention', channel: channel.id });
    }
    this.#event({ ...base, ...(subtype ? { subtype } : {}), ...place(channel) });
    return message;
  }

  /** Another app's bot posts. */
  otherBot(channel: Channel, text: string, thread?: string): Message {
    const message = this.workspace.post({
      channel: channel.id,
      user: 'U0OTHERBOT',
      botId: 'B0OTHER',
      appId: 'A0OTHER',
      text,
      ...(thread ? { threadTs: thread } : {}),
    });
    const base = { ...messageJson(message, this.workspace.teamId, false), event_ts: message.ts };
    if (text.includes(`<@${this.workspace.bot.id}>`)) {
      this.#event({ ...base, type: 'app_mention', channel: channel.id });
    }
    this.#event({ ...base, ...place(channel) });
    return message;
  }

  editMessage(message: Message, text: string): void {
    this.workspace.change(message, { text });
  }

  deleteMessage(message: Message): void {
    this.workspace.delete(message);
  }

  /** Types `/parley <text>`. */
  slashCommand(person: Person, channel: Channel, text: string): Delivery {
    const { workspace } = this;
    const payload = slashCommandPayload(
      workspace,
      person,
      channel,
      text,
      this.#responseUrl(person, channel.id),
    );
    return this.#events.deliver('slash_commands', payload);
  }

  /** Presses the button of `message` with this label. */
  pressButton(person: Person, message: Message, label: string): Delivery {
    const button = shownButtons(message).find((each) => each.label === label);
    if (!button) throw new Error(`no button ${label} under ${message.ts}`);
    return this.sendAction(person, message, button);
  }

  /** An action as its wire form, also one that no button offers. */
  sendAction(person: Person, message: Message, action: SentAction): Delivery {
    const payload = buttonPayload(
      this.workspace,
      person,
      message,
      action,
      this.#responseUrl(person, message.channel),
    );
    return this.#events.deliver('interactive', payload);
  }

  /** Presses Slack's own stop button: open streams of the thread end, and the app is told. */
  stopSession(person: Person, channel: Channel, thread: string): void {
    const streaming = this.workspace
      .thread(channel.id, thread)
      .filter((message) => this.workspace.streamState(message) === 'open');
    for (const { stream } of streaming) if (stream) stream.state = 'stopped-by-user';
    this.#event({
      type: 'agent_session_stopped',
      channel: channel.id,
      user: person.id,
      thread_ts: thread,
      streaming_message_ts: streaming.map((message) => message.ts),
      event_ts: String(this.workspace.now() / 1000),
    });
  }

  /** Sends any event, as it would stand inside `event`. */
  event(event: Json): Delivery {
    return this.#event(event);
  }

  /** Delivers the same event once more, as Slack does when it missed the acknowledgement. */
  redeliver(delivery: Delivery): Delivery {
    return this.#events.deliver(delivery.kind, delivery.payload);
  }

  /** The bot's messages in a channel and its threads, oldest first. */
  botMessages(channel: Channel): readonly Message[] {
    return this.workspace
      .messages(channel.id)
      .filter((message) => message.botId === this.workspace.bot.botId);
  }

  /** What people read in the bot's messages, oldest first. */
  shown(channel: Channel): readonly string[] {
    return this.botMessages(channel).map(shownText);
  }

  /** The status beside the bot's name in a thread. */
  status(channel: Channel, thread: string): string {
    return this.#api.status(channel.id, thread);
  }

  /** The lifecycle status of an agent session; empty where there is none. */
  sessionStatus(channel: Channel, thread: string): string {
    return this.#api.sessions.get(`${channel.id}/${thread}`) ?? '';
  }

  /** Resolves once nothing is being delivered. */
  delivered(): Promise<void> {
    return this.#events.settled();
  }

  /**
   * Resolves with what `find` gives as soon as that is neither undefined, null nor false; asked again whenever
   * something happens here.
   */
  waitFor<T>(find: () => T | undefined | null | false, timeoutMs = 10_000): Promise<T> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = find();
        if (found === undefined || found === null || found === false) return;
        clearTimeout(timer);
        this.#waiters.delete(look);
        resolve(found);
      };
      const timer = setTimeout(() => {
        this.#waiters.delete(look);
        const calls = this.calls.slice(-20).map((call) => `${call.method}: ${call.result}`);
        reject(new Error(`Slack saw nothing of this in ${timeoutMs} ms; last calls: ${calls.join(', ')}`));
      }, timeoutMs);
      this.#waiters.add(look);
      look();
    });
  }

  #event(event: Json): Delivery {
    return this.#events.deliver('events_api', eventPayload(this.workspace, event));
  }

  /** Slack tells the app of its own posts too, and of every change. */
  #echo(change: Change): void {
    const { message } = change;
    const own = message.botId === this.workspace.bot.botId;
    const member = this.workspace.isMember(message.channel, this.workspace.bot.id);
    // `say` sends the events of what people post.
    if (member && (own || change.type !== 'posted')) this.#event(changeEvent(this.workspace, change));
    this.#notify();
  }

  #responseUrl(person: Person, channel: string): string {
    const id = this.workspace.id('response-');
    this.#responses.set(id, { user: person.id, channel, uses: 5 });
    return `http://127.0.0.1:${this.#server.port}/response/${id}`;
  }

  #respond(id: string, body: Json): boolean {
    const response = this.#responses.get(id);
    if (!response || response.uses === 0) return false;
    response.uses -= 1;
    this.ephemerals.push({
      channel: response.channel,
      user: response.user,
      text: String(body['text'] ?? ''),
      via: 'response-url',
      inChannel: body['response_type'] === 'in_channel',
    });
    this.#notify();
    return true;
  }

  #notify(): void {
    for (const waiter of [...this.#waiters]) waiter();
  }
}
