import type { Delivery } from './event-delivery.js';
import { buttonPayload, eventPayload, place, type SentAction, slashCommandPayload } from './payloads.js';
import {
  type Channel,
  type ChannelKind,
  type Json,
  type Message,
  messageJson,
  type Person,
  shownButtons,
  type Workspace,
} from './workspace.js';

export interface MessageOptions {
  /** The ts of the thread's first message. */
  readonly thread?: string;
  readonly files?: readonly Json[];
  readonly subtype?: string;
}

/** What people do in a Slack workspace, and the events that the app gets of it. */
export abstract class SlackPeople {
  abstract readonly workspace: Workspace;

  /** Hands the app an event, a command or a pressed button. */
  protected abstract deliver(kind: Delivery['kind'], payload: Json): Delivery;
  /** An address to which the app may answer this person. */
  protected abstract responseUrl(person: Person, channel: string): string;

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
      this.event({ ...mention, type: 'app_mention', channel: channel.id });
    }
    this.event({ ...base, ...(subtype ? { subtype } : {}), ...place(channel) });
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
      this.event({ ...base, type: 'app_mention', channel: channel.id });
    }
    this.event({ ...base, ...place(channel) });
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
      this.responseUrl(person, channel.id),
    );
    return this.deliver('slash_commands', payload);
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
      this.responseUrl(person, message.channel),
    );
    return this.deliver('interactive', payload);
  }

  /** Presses Slack's own stop button: open streams of the thread end, and the app is told. */
  stopSession(person: Person, channel: Channel, thread: string): void {
    const streaming = this.workspace
      .thread(channel.id, thread)
      .filter((message) => this.workspace.streamState(message) === 'open');
    for (const { stream } of streaming) if (stream) stream.state = 'stopped-by-user';
    this.event({
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
    return this.deliver('events_api', eventPayload(this.workspace, event));
  }

  /** Delivers the same event once more, as Slack does when it missed the acknowledgement. */
  redeliver(delivery: Delivery): Delivery {
    return this.deliver(delivery.kind, delivery.payload);
  }
}
