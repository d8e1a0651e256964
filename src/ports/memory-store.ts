import type { ConversationId, RememberedTurn, TurnId } from '../domain/turn.js';

/** What a conversation remembers. */
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
  /** Erases all that an author sent, everywhere, with the replies to it. Returns turns erased. */
  forgetAuthor(authorKey: string): Promise<number>;

  /** A person edited a message: later turns read the new text. False where the message is unknown. */
  editMessage(platform: string, channel: string, platformMessageId: string, text: string): Promise<boolean>;
  /** A person deleted a message: it leaves memory, with its reply; a pending turn is cancelled. False where unknown. */
  deleteMessage(platform: string, channel: string, platformMessageId: string): Promise<boolean>;
}
