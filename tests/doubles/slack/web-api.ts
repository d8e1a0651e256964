import {
  ApiError,
  type Arguments,
  checkBlocks,
  chunksOf,
  contentOf,
  jsonArray,
  metadataOf,
  optionalText,
  text,
} from './method-arguments.js';
import {
  type EphemeralMessage,
  type Json,
  type Message,
  messageJson,
  parsedTexts,
  type Workspace,
} from './workspace.js';

export interface WebApiOptions {
  readonly workspace: Workspace;
  /** Whether the workspace has chat.startStream and its companions. */
  readonly native: boolean;
  /** Whether the app is an agent: agents.sessions.setStatus. */
  readonly agents: boolean;
  /** Whether assistant.threads.setStatus is there. */
  readonly assistant: boolean;
  readonly onEphemeral: (message: EphemeralMessage) => void;
}

const TEXT_LIMIT = 40_000;
const UPDATE_TEXT_LIMIT = 4_000;
const STATUS_LIFE_MS = 120_000;

/** The Web API methods a bot uses, on the state of a workspace. */
export class WebApi {
  readonly #options: WebApiOptions;
  readonly #workspace: Workspace;
  /** Status by `channel/thread`. */
  readonly #statuses = new Map<string, { readonly status: string; readonly at: number }>();
  readonly sessions = new Map<string, string>();

  constructor(options: WebApiOptions) {
    this.#options = options;
    this.#workspace = options.workspace;
  }

  /** What is shown beside the bot's name in a thread; empty where nothing is. */
  status(channel: string, thread: string): string {
    const entry = this.#statuses.get(`${channel}/${thread}`);
    return entry && this.#workspace.now() - entry.at < STATUS_LIFE_MS ? entry.status : '';
  }

  call(method: string, args: Arguments): Json {
    const { native, agents, assistant } = this.#options;
    switch (method) {
      case 'auth.test':
        return this.#authTest();
      case 'auth.revoke':
        return { revoked: true };
      case 'users.info':
        return this.#userInfo(args);
      case 'chat.postMessage':
        return this.#postMessage(args);
      case 'chat.postEphemeral':
        return this.#postEphemeral(args);
      case 'chat.update':
        return this.#update(args);
      case 'chat.delete':
        return this.#delete(args);
      case 'conversations.replies':
        return this.#replies(args);
      case 'conversations.history':
        return this.#history(args);
    }
    if (native && method === 'chat.startStream') return this.#startStream(args);
    if (native && method === 'chat.appendStream') return this.#appendStream(args);
    if (native && method === 'chat.stopStream') return this.#stopStream(args);
    if (assistant && method === 'assistant.threads.setStatus') return this.#setStatus(args);
    if (agents && method === 'agents.sessions.setStatus') return this.#setSession(args);
    throw new ApiError('unknown_method');
  }

  #authTest(): Json {
    const { bot, name, teamId, appId, enterprise, orgInstalled } = this.#workspace;
    return {
      team: name,
      team_id: teamId,
      user: bot.name,
      user_id: bot.id,
      bot_id: bot.botId,
      app_id: appId,
      ...(enterprise === null ? {} : { enterprise_id: enterprise }),
      ...(orgInstalled ? { is_enterprise_install: true } : {}),
    };
  }

  #userInfo(args: Arguments): Json {
    const person = this.#workspace.people.get(text(args, 'user'));
    if (!person) throw new ApiError('user_not_found');
    return {
      user: { id: person.id, name: person.name.toLowerCase(), profile: { display_name: person.name } },
    };
  }

  #postMessage(args: Arguments): Json {
    const channel = this.#channelOfBot(args);
    const content = contentOf(args, TEXT_LIMIT);
    const threadTs = this.#threadOf(args, channel);
    const { bot, appId } = this.#workspace;
    const message = this.#workspace.post({
      channel,
      user: bot.id,
      botId: bot.botId,
      appId,
      ...content,
      ...(threadTs ? { threadTs } : {}),
      ...metadataOf(args),
    });
    if (threadTs) this.#statuses.delete(`${channel}/${threadTs}`);
    return { channel, ts: message.ts, message: messageJson(message, this.#workspace.teamId, true) };
  }

  #postEphemeral(args: Arguments): Json {
    const channel = this.#channelOfBot(args);
    const user = text(args, 'user');
    if (!this.#workspace.isMember(channel, user)) throw new ApiError('user_not_in_channel');
    const threadTs = optionalText(args, 'thread_ts');
    const content = contentOf(args, TEXT_LIMIT);
    const shown = parsedTexts(content.blocks).join('\n') || content.text;
    this.#options.onEphemeral({
      channel,
      user,
      text: shown,
      via: 'api',
      inChannel: false,
      ...(threadTs ? { threadTs } : {}),
    });
    return { message_ts: String(this.#workspace.now() / 1000) };
  }

  #update(args: Arguments): Json {
    const message = this.#ownMessage(args, 'cant_update_message');
    if (this.#workspace.streamState(message) === 'open') throw new ApiError('streaming_state_conflict');
    const content = contentOf(args, UPDATE_TEXT_LIMIT);
    delete message.stream;
    this.#workspace.change(message, { ...content, streamed: '', ...metadataOf(args) });
    return { channel: message.channel, ts: message.ts, text: message.text };
  }

  #delete(args: Arguments): Json {
    const message = this.#ownMessage(args, 'cant_delete_message');
    this.#workspace.delete(message);
    return { channel: message.channel, ts: message.ts };
  }

  #startStream(args: Arguments): Json {
    const channel = this.#channelOfBot(args);
    const threadTs = this.#threadOf(args, channel);
    if (!threadTs) throw new ApiError('invalid_arguments');
    if (this.#workspace.channels.get(channel)?.kind !== 'im') {
      if (!optionalText(args, 'recipient_team_id')) throw new ApiError('missing_recipient_team_id');
      const recipient = optionalText(args, 'recipient_user_id');
      if (!recipient) throw new ApiError('missing_recipient_user_id');
      if (!this.#workspace.isMember(channel, recipient)) throw new ApiError('user_not_found');
    }
    const { streamed, blocks } = chunksOf(args);
    const { bot, appId } = this.#workspace;
    const message = this.#workspace.post({
      channel,
      threadTs,
      user: bot.id,
      botId: bot.botId,
      appId,
      text: '',
      streamed,
      blocks,
      stream: { state: 'open', startedAt: this.#workspace.now() },
    });
    this.#statuses.delete(`${channel}/${threadTs}`);
    return { channel, ts: message.ts };
  }

  #appendStream(args: Arguments): Json {
    const message = this.#streamingMessage(args);
    const { streamed, blocks } = chunksOf(args);
    if (streamed === '' && blocks.length === 0) throw new ApiError('no_text');
    this.#append(message, streamed, blocks, true);
    return { channel: message.channel, ts: message.ts };
  }

  #stopStream(args: Arguments): Json {
    const message = this.#streamingMessage(args);
    const { streamed, blocks } = chunksOf(args);
    const last = jsonArray(args, 'blocks');
    checkBlocks(last);
    if (message.stream) message.stream.state = 'closed';
    this.#append(message, streamed, [...blocks, ...last], false);
    Object.assign(message, metadataOf(args));
    const session = optionalText(args, 'session_status');
    if (session && message.threadTs) this.sessions.set(`${message.channel}/${message.threadTs}`, session);
    return { channel: message.channel, ts: message.ts };
  }

  #append(message: Message, streamed: string, blocks: readonly Json[], silent: boolean): void {
    const changes = { streamed: message.streamed + streamed, blocks: [...message.blocks, ...blocks] };
    this.#workspace.change(message, changes, { silent });
  }

  #streamingMessage(args: Arguments): Message {
    const message = this.#ownMessage(args, 'message_not_owned_by_app');
    const state = this.#workspace.streamState(message);
    if (state === 'stopped-by-user') throw new ApiError('stopped_by_user');
    if (state !== 'open') throw new ApiError('message_not_in_streaming_state');
    return message;
  }

  #replies(args: Arguments): Json {
    const channel = this.#channelOfBot(args);
    const thread = this.#workspace.thread(channel, text(args, 'ts'));
    if (thread.length === 0) throw new ApiError('thread_not_found');
    const oldest = optionalText(args, 'oldest') ?? '0';
    const found = thread.filter((message, index) => index === 0 || message.ts > oldest);
    return this.#page(found, args);
  }

  #history(args: Arguments): Json {
    const channel = this.#channelOfBot(args);
    const oldest = optionalText(args, 'oldest') ?? '0';
    const latest = optionalText(args, 'latest') ?? '9';
    const inclusive = optionalText(args, 'inclusive') === 'true';
    const found = this.#workspace
      .messages(channel)
      .filter((message) => message.threadTs === undefined || message.threadTs === message.ts)
      .filter((message) => message.ts > oldest || (inclusive && message.ts === oldest))
      .filter((message) => message.ts < latest || (inclusive && message.ts === latest));
    return this.#page(found.toReversed(), args);
  }

  #page(found: readonly Message[], args: Arguments): Json {
    const limit = Number(optionalText(args, 'limit') ?? 100);
    const start = Number(optionalText(args, 'cursor') || 0);
    const withMetadata = optionalText(args, 'include_all_metadata') === 'true';
    const more = start + limit < found.length;
    return {
      messages: found
        .slice(start, start + limit)
        .map((message) => messageJson(message, this.#workspace.teamId, withMetadata)),
      has_more: more,
      response_metadata: { next_cursor: more ? String(start + limit) : '' },
    };
  }

  #setStatus(args: Arguments): Json {
    const channel = this.#channelOfBot({ channel: args['channel_id'] });
    if (jsonArray(args, 'loading_messages').length > 10) throw new ApiError('invalid_arguments');
    const status = text(args, 'status');
    this.#statuses.set(`${channel}/${text(args, 'thread_ts')}`, { status, at: this.#workspace.now() });
    return {};
  }

  #setSession(args: Arguments): Json {
    const channel = this.#channelOfBot({ channel: args['channel_id'] });
    const status = text(args, 'status');
    if (!['active', 'processing', 'suspended', 'closed'].includes(status))
      throw new ApiError('invalid_arguments');
    this.sessions.set(`${channel}/${text(args, 'thread_ts')}`, status);
    return { status };
  }

  #channelOfBot(args: Arguments): string {
    const channel = text(args, 'channel');
    if (!this.#workspace.channels.has(channel)) throw new ApiError('channel_not_found');
    if (!this.#workspace.isMember(channel, this.#workspace.bot.id)) throw new ApiError('not_in_channel');
    return channel;
  }

  #threadOf(args: Arguments, channel: string): string | undefined {
    const threadTs = optionalText(args, 'thread_ts');
    if (threadTs === undefined) return undefined;
    const parent = this.#workspace.find(channel, threadTs);
    if (!parent) throw new ApiError('thread_not_found');
    return threadTs;
  }

  #ownMessage(args: Arguments, notOwn: string): Message {
    const message = this.#workspace.find(this.#channelOfBot(args), text(args, 'ts'));
    if (!message) throw new ApiError('message_not_found');
    if (message.botId !== this.#workspace.bot.botId) throw new ApiError(notOwn);
    return message;
  }
}
