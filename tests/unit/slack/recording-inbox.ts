import type { Address, Author } from '../../../src/domain/address.js';
import { DEFAULT_SAMPLING } from '../../../src/domain/sampling.js';
import type { EffectiveSettings } from '../../../src/domain/settings.js';
import type { IncomingMessage, TurnId } from '../../../src/domain/turn.js';
import type { Acceptance, CommandInvocation, CommandReply, Inbox } from '../../../src/ports/inbox.js';
import type { TurnView } from '../../../src/ports/turn-store.js';

/** An inbox that remembers what it was handed, and accepts each key once. */
export class RecordingInbox implements Inbox {
  readonly messages: IncomingMessage[] = [];
  readonly commands: CommandInvocation[] = [];
  readonly edits: { channel: string; id: string; text: string }[] = [];
  readonly deletions: { channel: string; id: string }[] = [];
  readonly stopped: TurnId[] = [];
  readonly regenerated: TurnId[] = [];
  readonly votes: { turnId: TurnId; author: Author; vote: number }[] = [];
  /** Calls of `accept`, also of keys known and of ones that failed. */
  accepts = 0;
  /** The next this many calls of `accept` fail, as with a database out of reach. */
  failures = 0;
  /** Refuses every message with this. */
  refusal: Extract<Acceptance, { type: 'refused' }> | null = null;
  followThreads = false;
  /** Threads and channels in which the bot has answered. */
  readonly partIn = new Set<string>();
  readonly turns = new Map<string, TurnView>();
  commandReply: CommandReply = { type: 'notice', text: '**Done**', audience: 'asker' };
  /** Called by `accept` before it resolves. */
  beforeAccept: () => Promise<void> = async () => {};
  stopAnswer = true;
  regenerateAnswer = true;

  async accept(message: IncomingMessage): Promise<Acceptance> {
    this.accepts += 1;
    await this.beforeAccept();
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error('the database is out of reach');
    }
    if (this.refusal) return this.refusal;
    const known = this.messages.findIndex((other) => other.key === message.key);
    if (known >= 0) return { type: 'duplicate', turnId: known + 1, conversationId: 1 };
    this.messages.push(message);
    return { type: 'accepted', turnId: this.messages.length, conversationId: 1, ahead: 0 };
  }

  async command(invocation: CommandInvocation): Promise<CommandReply> {
    this.commands.push(invocation);
    await this.beforeAccept();
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error('the database is out of reach');
    }
    return this.commandReply;
  }

  async suggest(): Promise<readonly string[]> {
    return [];
  }

  async settings(): Promise<EffectiveSettings> {
    return {
      model: 'small',
      persona: 'assistant',
      language: 'auto',
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

  async stop(turnId: TurnId): Promise<boolean> {
    this.stopped.push(turnId);
    return this.stopAnswer;
  }

  async regenerate(turnId: TurnId): Promise<boolean> {
    this.regenerated.push(turnId);
    return this.regenerateAnswer;
  }

  async vote(turnId: TurnId, author: Author, vote: -1 | 0 | 1): Promise<void> {
    this.votes.push({ turnId, author, vote });
  }

  async edited(_platform: string, channel: string, id: string, text: string): Promise<void> {
    this.edits.push({ channel, id, text });
  }

  async deleted(_platform: string, channel: string, id: string): Promise<void> {
    this.deletions.push({ channel, id });
  }
}
