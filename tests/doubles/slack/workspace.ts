/** Anything that the wire carries as an object. */
export type Json = { readonly [key: string]: unknown };

export interface Person {
  readonly id: string;
  readonly name: string;
}

export type ChannelKind = 'channel' | 'group' | 'mpim' | 'im';

export interface Channel {
  readonly id: string;
  readonly name: string;
  readonly kind: ChannelKind;
  readonly members: Set<string>;
}

/** A message in its streaming life; absent on messages that never streamed or were updated since. */
export interface MessageStream {
  state: 'open' | 'closed' | 'stopped-by-user';
  readonly startedAt: number;
}

export interface Message {
  readonly ts: string;
  readonly channel: string;
  readonly user: string;
  /** Set on messages of bots. */
  readonly botId?: string;
  readonly appId?: string;
  readonly threadTs?: string;
  text: string;
  blocks: readonly Json[];
  files: readonly Json[];
  metadata?: Json;
  /** Text that came through chat.startStream and after. */
  streamed: string;
  stream?: MessageStream;
}

export interface EphemeralMessage {
  readonly channel: string;
  readonly user: string;
  readonly text: string;
  readonly threadTs?: string;
  /** How it came: chat.postEphemeral, the acknowledgement of a command, or its response_url. */
  readonly via: 'api' | 'acknowledgement' | 'response-url';
  readonly inChannel: boolean;
}

/** Someone who was notified by markup in a message of the bot. */
export interface Ping {
  readonly channel: string;
  readonly ts: string;
  readonly markup: string;
}

export type Change =
  | { readonly type: 'posted'; readonly message: Message }
  | { readonly type: 'changed'; readonly message: Message; readonly previous: Json }
  | { readonly type: 'deleted'; readonly message: Message };

const PING = /<!(?:here|channel|everyone|subteam\^[A-Z0-9]+)(?:\|[^>]*)?>|<@[UW][A-Z0-9]+(?:\|[^>]*)?>/g;
/** Slack closes a stream about this long after it began. */
const STREAM_LIFE_MS = 5 * 60_000;

/** Who a workspace is. */
export interface WorkspaceIdentity {
  /** `T…` without the T: part of every id in it, so that no two workspaces share one. */
  readonly mark: string;
  readonly name: string;
  /** `E…`, where it belongs to an organisation. */
  readonly enterprise?: string;
}

/** What a Slack workspace remembers: people, channels, membership, messages and who was pinged. */
export class Workspace {
  readonly name: string;
  readonly enterprise: string | null;
  /** The app was installed by the whole organisation. */
  orgInstalled = false;
  readonly teamId: string;
  readonly appId = 'A0PARLEY';
  readonly bot: { readonly id: string; readonly name: string; readonly botId: string };
  readonly people = new Map<string, Person>();
  readonly channels = new Map<string, Channel>();
  readonly pings: Ping[] = [];
  readonly #messages = new Map<string, Message[]>();
  readonly #mark: string;
  readonly #now: () => number;
  readonly #onChange: (change: Change) => void;
  #lastTs = 0;
  #ids = 0;

  constructor(
    now: () => number,
    onChange: (change: Change) => void,
    identity: WorkspaceIdentity = { mark: '0PARLEY', name: 'Parley' },
  ) {
    const { mark, name, enterprise } = identity;
    this.name = name;
    this.enterprise = enterprise ?? null;
    this.teamId = `T${mark}`;
    this.bot = { id: `U${mark}BOT`, name: 'parley', botId: `B${mark}` };
    this.#mark = mark === '0PARLEY' ? '' : mark;
    this.#now = now;
    this.#onChange = onChange;
  }

  now(): number {
    return this.#now();
  }

  id(prefix: string): string {
    this.#ids += 1;
    return `${prefix}${this.#mark}${String(this.#ids).padStart(6, '0')}`;
  }

  addPerson(name: string): Person {
    const person = { id: this.id('U0'), name };
    this.people.set(person.id, person);
    return person;
  }

  addChannel(name: string, kind: ChannelKind, members: readonly string[]): Channel {
    const channel = { id: this.id(kind === 'im' ? 'D0' : 'C0'), name, kind, members: new Set(members) };
    this.channels.set(channel.id, channel);
    this.#messages.set(channel.id, []);
    return channel;
  }

  /** Everything in a channel and its threads, oldest first. */
  messages(channel: string): readonly Message[] {
    return this.#messages.get(channel) ?? [];
  }

  /** A thread's first message and its replies, oldest first. */
  thread(channel: string, ts: string): readonly Message[] {
    return this.messages(channel).filter((message) => message.ts === ts || message.threadTs === ts);
  }

  find(channel: string, ts: string): Message | undefined {
    return this.messages(channel).find((message) => message.ts === ts);
  }

  post(message: Omit<Message, 'ts' | 'blocks' | 'files' | 'streamed'> & Partial<Message>): Message {
    const posted: Message = { blocks: [], files: [], streamed: '', ...message, ts: this.#nextTs() };
    const list = this.#messages.get(message.channel);
    if (!list) throw new Error(`no channel ${message.channel}`);
    list.push(posted);
    this.#recordPings(posted);
    this.#onChange({ type: 'posted', message: posted });
    return posted;
  }

  change(message: Message, changes: Partial<Message>, options: { readonly silent?: boolean } = {}): void {
    const previous = messageJson(message, this.teamId, false);
    Object.assign(message, changes);
    this.#recordPings(message);
    if (!options.silent) this.#onChange({ type: 'changed', message, previous });
  }

  delete(message: Message): void {
    const list = this.#messages.get(message.channel) ?? [];
    list.splice(list.indexOf(message), 1);
    this.#onChange({ type: 'deleted', message });
  }

  /** The stream of a message as it is now: Slack ends it by itself after five minutes. */
  streamState(message: Message): MessageStream['state'] | 'none' {
    if (!message.stream) return 'none';
    const { stream } = message;
    if (stream.state === 'open' && this.#now() - stream.startedAt > STREAM_LIFE_MS) stream.state = 'closed';
    return stream.state;
  }

  isMember(channel: string, user: string): boolean {
    return this.channels.get(channel)?.members.has(user) ?? false;
  }

  #nextTs(): string {
    this.#lastTs = Math.max(this.#now() * 1000, this.#lastTs + 1);
    return `${Math.floor(this.#lastTs / 1e6)}.${String(this.#lastTs % 1e6).padStart(6, '0')}`;
  }

  #recordPings(message: Message): void {
    if (message.botId !== this.bot.botId) return;
    const raw = [message.text, message.streamed, ...parsedTexts(message.blocks)].join('\n');
    for (const match of raw.matchAll(PING)) {
      const ping = { channel: message.channel, ts: message.ts, markup: match[0] };
      const known = this.pings.some((other) => other.ts === ping.ts && other.markup === ping.markup);
      if (!known) this.pings.push(ping);
    }
  }
}

/** Every text in blocks in which Slack looks for mentions: all but plain_text. */
export function parsedTexts(blocks: readonly Json[]): string[] {
  const texts: string[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      value.forEach(visit);
      return;
    }
    if (typeof value !== 'object' || value === null) return;
    if ('type' in value && value.type === 'plain_text') return;
    if ('text' in value && typeof value.text === 'string') texts.push(value.text);
    Object.values(value).forEach(visit);
  };
  visit(blocks);
  return texts;
}

/** What a person reads in a message, without small type and buttons. */
export function shownText(message: Message): string {
  const markdown = message.blocks.filter((block) => block['type'] === 'markdown');
  const sections = message.blocks.filter((block) => block['type'] === 'section');
  const bodies = parsedTexts([...markdown, ...sections]);
  const raw = message.streamed || (bodies.length > 0 ? bodies.join('\n') : message.text);
  return raw.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/** The small type under a message. */
export function shownFooter(message: Message): string {
  return parsedTexts(message.blocks.filter((block) => block['type'] === 'context'))
    .join('\n')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

export interface ShownButton {
  readonly actionId: string;
  readonly blockId: string;
  readonly value: string;
  readonly label: string;
}

/** The buttons under a message, in their order. */
export function shownButtons(message: Message): readonly ShownButton[] {
  const actions = message.blocks.filter((block) => block['type'] === 'actions');
  return actions.flatMap((block) =>
    (Array.isArray(block['elements']) ? (block['elements'] as Json[]) : []).map((element) => ({
      actionId: String(element['action_id']),
      blockId: String(block['block_id']),
      value: String(element['value']),
      label: String((element['text'] as Json)['text']),
    })),
  );
}

/** A message as events and conversations.* carry it. */
export function messageJson(message: Message, teamId: string, withMetadata: boolean): Json {
  return {
    type: 'message',
    user: message.user,
    ts: message.ts,
    text: message.text || message.streamed,
    team: teamId,
    ...(message.blocks.length > 0 ? { blocks: message.blocks } : {}),
    ...(message.botId ? { bot_id: message.botId, app_id: message.appId } : {}),
    ...(message.threadTs ? { thread_ts: message.threadTs } : {}),
    ...(message.files.length > 0 ? { files: message.files } : {}),
    ...(withMetadata && message.metadata ? { metadata: message.metadata } : {}),
  };
}
