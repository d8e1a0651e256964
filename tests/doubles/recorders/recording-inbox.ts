import type { Address, Author } from '../../../src/domain/address.js';
import { mayActOn } from '../../../src/domain/may-act-on.js';
import { DEFAULT_SAMPLING } from '../../../src/domain/sampling.js';
import type { EffectiveSettings, Language } from '../../../src/domain/settings.js';
import type { DeliveryTarget, IncomingMessage, TurnId } from '../../../src/domain/turn.js';
import type {
  Acceptance,
  Actor,
  CommandInvocation,
  CommandReply,
  Inbox,
} from '../../../src/ports/turns/inbox.js';
import type { PlatformChanges } from '../../../src/ports/turns/platform-changes.js';
import type { PlatformLookup } from '../../../src/ports/turns/platform-lookup.js';
import type { PressedControl, Regeneration, TurnActions } from '../../../src/ports/turns/turn-actions.js';
import type { TurnView } from '../../../src/ports/turns/turn-lookup.js';

/** What an adapter is given of the pipeline: it keeps what it is handed, and answers as a test tells it. */
export class RecordingInbox implements Inbox, PlatformLookup, TurnActions, PlatformChanges {
  /** Messages accepted: each key once, unless a test accepts otherwise. */
  readonly messages: IncomingMessage[] = [];
  readonly commands: CommandInvocation[] = [];
  readonly edits: { channel: string; id: string; text: string }[] = [];
  readonly deletions: { channel: string; id: string }[] = [];
  readonly stopped: TurnId[] = [];
  readonly abandoned: DeliveryTarget[] = [];
  readonly regenerated: TurnId[] = [];
  readonly votes: { turnId: TurnId; author: Author; vote: number }[] = [];
  /** Calls of `accept`, also of keys known and of ones that failed. */
  accepts = 0;

  followThreads = false;
  language: EffectiveSettings['language'] = 'auto';
  /** Threads, and channels, in which the bot has answered. */
  readonly partIn = new Set<string>();
  /** By the id of a message that the bot wrote. */
  readonly turns = new Map<string, TurnView>();

  accepting: (message: IncomingMessage) => Promise<Acceptance> = (message) => this.#record(message);
  commanding: (invocation: CommandInvocation) => Promise<CommandReply> = async () => ({
    type: 'notice',
    text: '**Done**',
    audience: 'asker',
  });
  suggesting: () => Promise<readonly string[]> = async () => ['small', 'medium'];
  /** Whether turns are still to be stopped. */
  running = true;
  regenerating: (language: Language) => Regeneration = () => ({ type: 'accepted' });
  /** The next this many messages and commands fail, as with a database out of reach. */
  failures = 0;
  /** Called before a message or command is taken. */
  beforeAccept: () => Promise<void> = async () => {};
  #changed: () => void = () => {};
  /** Each port of an adapter, by its name in the adapter's options. */
  readonly ports = { inbox: this, lookup: this, actions: this, changes: this };

  /** Called after each call. */
  onChange(changed: () => void): void {
    this.#changed = changed;
  }

  async accept(message: IncomingMessage): Promise<Acceptance> {
    this.accepts += 1;
    try {
      await this.#reach();
      return await this.accepting(message);
    } finally {
      this.#changed();
    }
  }

  async command(invocation: CommandInvocation): Promise<CommandReply> {
    this.commands.push(invocation);
    this.#changed();
    await this.#reach();
    return this.commanding(invocation);
  }

  suggest(): Promise<readonly string[]> {
    return this.suggesting();
  }

  async settings(): Promise<EffectiveSettings> {
    return {
      model: 'small',
      persona: 'assistant',
      language: this.language,
      memory: 'channel',
      followThreads: this.followThreads,
      sampling: DEFAULT_SAMPLING,
    };
  }

  async takesPart(address: Address): Promise<boolean> {
    return this.partIn.has(address.thread ?? address.channel);
  }

  async turnOfPart(_platform: string, messageId: string): Promise<TurnView | null> {
    return this.turns.get(messageId) ?? null;
  }

  async turnOfControl({ messageId, claimed }: PressedControl): Promise<TurnView | null> {
    const turn = this.turns.get(messageId);
    return turn?.id === claimed ? turn : null;
  }

  async stop(turnId: TurnId): Promise<boolean> {
    if (this.running) this.stopped.push(turnId);
    this.#changed();
    return this.running;
  }

  mayActOn(turn: Pick<TurnView, 'authorKey'>, actor: Actor): boolean {
    return mayActOn(turn, actor.author.key, actor.mayManage);
  }

  async regenerate(turnId: TurnId, language: Language): Promise<Regeneration> {
    this.regenerated.push(turnId);
    this.#changed();
    return this.regenerating(language);
  }

  async vote(turnId: TurnId, author: Author, vote: -1 | 0 | 1): Promise<void> {
    this.votes.push({ turnId, author, vote });
    this.#changed();
  }

  async edited(_platform: string, channel: string, id: string, text: string): Promise<void> {
    this.edits.push({ channel, id, text });
    this.#changed();
  }

  async deleted(_platform: string, channel: string, id: string): Promise<void> {
    this.deletions.push({ channel, id });
    this.#changed();
  }

  async abandon(target: DeliveryTarget): Promise<void> {
    await this.#reach();
    this.abandoned.push(target);
    this.#changed();
  }

  async #reach(): Promise<void> {
    await this.beforeAccept();
    if (this.failures === 0) return;
    this.failures -= 1;
    throw new Error('the database is out of reach');
  }

  async #record(message: IncomingMessage): Promise<Acceptance> {
    const known = this.messages.findIndex(({ key }) => key === message.key);
    if (known >= 0) return { type: 'duplicate', turnId: known + 1, conversationId: 1 };
    this.messages.push(message);
    return { type: 'accepted', turnId: this.messages.length, conversationId: 1, ahead: 0 };
  }
}
