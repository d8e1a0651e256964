import type { App } from '@slack/bolt';
import { LRUCache } from 'lru-cache';
import type { CommandDefinition } from '../../../src/domain/commands.js';
import type { IncomingMessage, Quote } from '../../../src/domain/turn.js';
import type { Clock } from '../../../src/ports/process/clock.js';
import type { Log } from '../../../src/ports/process/log.js';
import type { Acceptance, Inbox } from '../../../src/ports/turns/inbox.js';
import type { PlatformChanges } from '../../../src/ports/turns/platform-changes.js';
import type { PlatformLookup } from '../../../src/ports/turns/platform-lookup.js';
import type { TurnActions } from '../../../src/ports/turns/turn-actions.js';
import { attemptCall } from '../client/attempt-call.js';
import { mentions } from '../client/readable-text.js';
import { addressOf, isDirect, messageKey, type SlackPlace, type SlackTarget } from '../client/slack-ids.js';
import { noticeContent, noticeLanguage } from '../delivery/notice.js';
import { sentencesIn } from '../delivery/sentences.js';
import type { SlackAccess } from '../workspaces/slack-access.js';
import { pressButton } from './button-press.js';
import { commandInMention, explainProblem } from './command-text.js';
import { fetchMessage } from './fetch-message.js';
import { runTypedCommand } from './run-typed-command.js';
import { fileNotes, type MessageHappening, readMessageEvent, type SlackMessage } from './slack-events.js';
import { readOrigin, readUninstalled } from './slack-origin.js';
import { stopSession } from './stop-session.js';
import { threadSoFar } from './thread-so-far.js';

export interface SlackSourceOptions {
  readonly inbox: Inbox;
  readonly lookup: PlatformLookup;
  readonly actions: TurnActions;
  readonly changes: PlatformChanges;
  readonly commands: readonly CommandDefinition[];
  /** User ids that may change settings, and stop or repeat the replies of others. */
  readonly admins: 'everyone' | readonly string[];
  /** Messages older than this when they first reach us are not answered, in ms. Default: however old. */
  readonly staleAfterMs?: number | undefined;
  readonly access: Pick<SlackAccess, 'workspaceOf' | 'uninstalled'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends what waits. */
  readonly signal: AbortSignal;
}

type Sent = Extract<MessageHappening, { type: 'sent' }>;

/** Recent messages, by key: the second event of one message waits for the first and shares its fate. */
const REMEMBERED = 2_000;

/** Hands what happens on Slack to the inbox. A listener that fails is not acknowledged, and Slack delivers again. */
export class SlackSource {
  readonly #options: SlackSourceOptions;
  readonly #recent = new LRUCache<string, Promise<void>>({ max: REMEMBERED });
  /** Commands that outlived their acknowledgement. */
  readonly #background = new Set<Promise<void>>();

  constructor(options: SlackSourceOptions) {
    this.#options = options;
  }

  /** Registers the listeners. Events of other types have none, and are acknowledged. */
  listen(app: App): void {
    const onMessage = (body: unknown, event: unknown, self: string | undefined) =>
      this.#message(body, readMessageEvent(event, self ?? ''), self ?? '');
    app.event('app_mention', ({ body, event, context }) => onMessage(body, event, context.botUserId));
    app.event('message', ({ body, event, context }) => onMessage(body, event, context.botUserId));
    app.event('agent_session_stopped', ({ body, event }) => stopSession(body, event, this.#deps()));
    for (const event of ['app_uninstalled', 'tokens_revoked'] as const)
      app.event(event, ({ body }) => this.#options.access.uninstalled(readUninstalled(event, body)));
    app.command(/^\//, ({ body, ack, respond }) => runTypedCommand(body, ack, respond, this.#deps()));
    app.action(/.*/, ({ body, ack, respond }) => pressButton(body, ack, respond, this.#deps()));
  }

  /** Resolves once nothing that was acknowledged is still under way. */
  async settled(): Promise<void> {
    while (this.#background.size > 0) await Promise.all(this.#background);
  }

  #deps() {
    return {
      ...this.#options,
      inBackground: (work: Promise<void>) => {
        const running = work.finally(() => this.#background.delete(running));
        this.#background.add(running);
      },
      mayManage: (channel: string, user: string) => this.#mayManage(channel, user),
    };
  }

  #mayManage(channel: string, user: string): boolean {
    const { admins } = this.#options;
    return admins === 'everyone' || admins.includes(user) || isDirect(channel);
  }

  async #message(body: unknown, happening: MessageHappening, self: string): Promise<void> {
    const origin = readOrigin(body);
    if (!origin || happening.type === 'nothing') return;
    const { changes, access } = this.#options;
    const { channel } = happening;
    if (happening.type === 'deleted') return changes.deleted('slack', channel, happening.ts);
    if (happening.type === 'edited') {
      const { people } = access.workspaceOf(origin);
      return changes.edited('slack', channel, happening.ts, await people.readable(happening.text, self));
    }
    const key = messageKey({ ...origin, channel }, happening.message.ts);
    if (!(await this.#concernsUs({ ...origin, channel }, happening, self))) return;
    await this.#once(key, () => this.#sent({ ...origin, channel }, key, happening, self));
  }

  /** Slack sends two events for one mention: whoever comes second waits for the first. */
  #once(key: string, work: () => Promise<void>): Promise<void> {
    const known = this.#recent.get(key);
    if (known) return known;
    const running = work();
    this.#recent.set(key, running);
    running.catch(() => this.#recent.delete(key));
    return running;
  }

  async #concernsUs(origin: SlackPlace, { channel, message, mention }: Sent, self: string): Promise<boolean> {
    const { lookup, clock, staleAfterMs } = this.#options;
    if (staleAfterMs !== undefined && clock.now() - Number(message.ts) * 1000 > staleAfterMs) return false;
    if (mention || isDirect(channel) || mentions(message.text ?? '', self)) return true;
    if (message.thread_ts === undefined) return false;
    const address = addressOf({ ...origin, thread: message.thread_ts });
    return (await lookup.settings(address)).followThreads && (await lookup.takesPart(address));
  }

  async #sent(origin: SlackPlace, key: string, sent: Sent, self: string): Promise<void> {
    const { inbox, lookup, access, commands } = this.#options;
    const { people } = access.workspaceOf(origin);
    const message = await this.#withFiles(origin, sent, self);
    const { channel } = sent;
    // A mention in a channel begins a thread under it.
    const thread = message.thread_ts ?? (isDirect(channel) ? undefined : message.ts);
    const place: SlackPlace = { ...origin, thread };
    const user = message.user ?? '';
    const author = await people.author(origin.team, user);
    const said = await people.readable(message.text ?? '', self);
    const language = await noticeLanguage(lookup, addressOf(place), said);
    const target: SlackTarget = {
      platform: 'slack',
      app: origin.app,
      team: origin.team,
      ...(origin.installation === undefined ? {} : { installation: origin.installation }),
      channel,
      user,
      message: message.ts,
      language,
      ...(thread === undefined ? {} : { thread }),
    };
    const command = commandInMention(said, commands);
    if (command?.type === 'problem')
      return this.#tell(target, explainProblem(command, sentencesIn(language)));
    if (command) {
      const mayManage = this.#mayManage(channel, user);
      const { name, values } = command;
      const invocation = {
        name,
        values,
        address: addressOf(place),
        author,
        mayManage,
        message: { key, target },
      };
      const reply = await inbox.command(invocation);
      if (reply.type === 'notice') return this.#tell(target, reply.text, reply.audience === 'everyone');
      return this.#afterwards(target, reply.acceptance);
    }
    const quoted = await this.#quoted(place, message, self);
    const incoming: IncomingMessage = {
      key,
      platformMessageId: message.ts,
      address: addressOf(place),
      author,
      text: [said, fileNotes(message.files)].filter((part) => part !== '').join('\n'),
      target,
      ...(quoted ? { quoted } : {}),
    };
    await this.#afterwards(target, await inbox.accept(incoming));
  }

  /** An app_mention may lack the files of its message: where that leaves nothing, the message is read again. */
  async #withFiles(origin: SlackPlace, { message, mention }: Sent, self: string): Promise<SlackMessage> {
    const words = (message.text ?? '').replaceAll(`<@${self}>`, '').trim();
    if (!mention || message.files || words !== '') return message;
    const { client } = this.#options.access.workspaceOf(origin);
    return (await fetchMessage(client, origin, message)) ?? message;
  }

  /** What was said in a thread before the bot came into it. */
  async #quoted(place: SlackPlace, message: SlackMessage, self: string): Promise<Quote | null> {
    const { lookup, access, log } = this.#options;
    const { client, people } = access.workspaceOf(place);
    const { thread } = place;
    if (thread === undefined || message.thread_ts === undefined || message.thread_ts === message.ts)
      return null;
    if (await lookup.takesPart(addressOf(place))) return null;
    return threadSoFar(client, people, { ...place, thread }, message.ts, self, log);
  }

  async #afterwards(target: SlackTarget, acceptance: Acceptance): Promise<void> {
    if (acceptance.type === 'refused' && !acceptance.repeated) await this.#tell(target, acceptance.text);
  }

  /** Tells the asker something, alone unless `everyone`. Best effort: it must not make Slack deliver again. */
  async #tell(target: SlackTarget, markdown: string, everyone = false): Promise<void> {
    const { channel, user, thread } = target;
    const place = { channel, ...(thread === undefined ? {} : { thread_ts: thread }) };
    const content = noticeContent(markdown);
    const { chat } = this.#options.access.workspaceOf(target).client;
    const call = (): Promise<unknown> =>
      everyone
        ? chat.postMessage({ ...place, ...content, unfurl_links: false, unfurl_media: false })
        : chat.postEphemeral({ ...place, ...content, user });
    const result = await attemptCall(call, new AbortController().signal);
    if (result.ok) return;
    const { failure } = result;
    const code = failure.type === 'refused' ? failure.code : failure.type;
    this.#options.log.warn({ code }, 'a notice did not reach a person on Slack');
  }
}
