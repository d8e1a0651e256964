import type { ConversationId, RememberedTurn, TurnId } from '../../domain/turn.js';

/**
 * What a conversation remembers. What is forgotten before it was answered is cancelled at once, or where its asker was
 * shown something, left pending for a worker to end that.
 */
export interface MemoryStore {
  /** The conversation of a key, or null where nothing was said yet. */
  find(conversationKey: string): Promise<ConversationId | null>;

  /**
   * Finished exchanges from the window's start up to, not including, `before`; oldest first.
   * At most the newest `limit`: a conversation of any length costs the same.
   */
  window(conversationId: ConversationId, before: TurnId, limit: number): Promise<readonly RememberedTurn[]>;
  /** Moves the window's start forward: earlier turns stay stored but leave the prompt. */
  moveWindow(conversationId: ConversationId, start: TurnId): Promise<void>;

  /** Forgets a conversation: its messages and replies are deleted; usage numbers stay, without text. Returns turns forgotten. */
  clear(conversationId: ConversationId): Promise<number>;
  /** Forgets turns with a prompt of their own that were accepted so long ago, in ms, and that nobody cleared. Returns how many. */
  clearGiven(olderThanMs: number): Promise<number>;
  /**
   * Erases all that an author sent, everywhere, with the replies to it, and what others quoted of either, where the
   * quote says whose words it holds, and the titles and system prompts of conversations on the web that they took part
   * in. Returns turns erased.
   */
  forgetAuthor(authorKey: string): Promise<number>;

  /** A person edited a message: later turns read the new text, in a quote of this message alone as well. False where the message is unknown. */
  editMessage(platform: string, channel: string, platformMessageId: string, text: string): Promise<boolean>;
  /** A person deleted a message: it leaves memory, with its reply; a pending turn is cancelled. Quotes of it go too. False where unknown. */
  deleteMessage(platform: string, channel: string, platformMessageId: string): Promise<boolean>;
}
