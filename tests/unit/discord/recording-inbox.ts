import type { Address, Author } from '../../../src/domain/address.js';
import { DEFAULT_SAMPLING } from '../../../src/domain/sampling.js';
import type { EffectiveSettings } from '../../../src/domain/settings.js';
import type { IncomingMessage } from '../../../src/domain/turn.js';
import type { Acceptance, CommandInvocation, CommandReply, Inbox } from '../../../src/ports/inbox.js';
import type { TurnView } from '../../../src/ports/turn-store.js';

/** An inbox that keeps what it was handed and answers as a test tells it. */
export class RecordingInbox implements Inbox {
  readonly accepted: IncomingMessage[] = [];
  readonly invoked: CommandInvocation[] = [];
  readonly stopped: number[] = [];
  readonly regenerated: number[] = [];
  readonly votes: { turnId: number; author: string; vote: number }[] = [];
  readonly editedTexts: { id: string; text: string }[] = [];
  readonly deletedIds: string[] = [];
  readonly turns = new Map<string, TurnView>();
  /** Address channels the bot takes part in. */
  readonly joined = new Set<string>();
  followThreads = true;
  running = true;
  accepting: (message: IncomingMessage) => Promise<Acceptance> = (message) => this.#record(message);
  commanding: (invocation: CommandInvocation) => Promise<CommandReply> = async () => ({
    type: 'turn',
    acceptance: { type: 'accepted', turnId: 1, conversationId: 1, ahead: 0 },
  });
  suggesting: () => Promise<readonly string[]> = async () => ['small', 'medium'];
  #changed: () => void = () => {};

  /** Called after each call. */
  onChange(changed: () => void): void {
    this.#changed = changed;
  }

  async accept(message: IncomingMessage): Promise<Acceptance> {
    try {
      return await this.accepting(message);
    } finally {
      this.#changed();
    }
  }

  async #record(message: IncomingMessage): Promise<Acceptance> {
    const known = this.accepted.findIndex(({ key }) => key === message.key);
    if (known >= 0) return { type: 'duplicate', turnId: known + 1, conversationId: 1 };
    this.accepted.push(message);
    return { type: 'accepted', turnId: this.accepted.length, conversationId: 1, ahead: 0 };
  }

  async command(invocation: CommandInvocation): Promise<CommandReply> {
    this.invoked.push(invocation);
    this.#changed();
    return this.commanding(invocation);
  }

  suggest(): Promise<readonly string[]> {
    return this.suggesting();
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
    return this.joined.has(address.channel);
  }

  async turnOfPart(_platform: string, messageId: string): Promise<TurnView | null> {
    return this.turns.get(messageId) ?? null;
  }

  async stop(turnId: number): Promise<boolean> {
    if (this.running) this.stopped.push(turnId);
    this.#changed();
    return this.running;
  }

  async regenerate(turnId: number): Promise<boolean> {
    this.regenerated.push(turnId);
    this.#changed();
    return true;
  }

  async vote(turnId: number, author: Author, vote: -1 | 0 | 1): Promise<void> {
    this.votes.push({ turnId, author: author.key, vote });
    this.#changed();
  }

  async edited(_platform: string, _channel: string, id: string, text: string): Promise<void> {
    this.editedTexts.push({ id, text });
    this.#changed();
  }

  async deleted(_platform: string, _channel: string, id: string): Promise<void> {
    this.deletedIds.push(id);
    this.#changed();
  }
}
