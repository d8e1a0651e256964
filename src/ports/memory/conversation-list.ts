import type { Address } from '../../domain/address.js';
import type { TurnId } from '../../domain/turn.js';

export interface ListedConversation {
  /** The channel of its address. */
  readonly channel: string;
  /** As a person named it; null where nobody did. */
  readonly title: string | null;
  /** The first question that is remembered, its first 200 characters; null where none is. */
  readonly firstQuestion: string | null;
  /** That are remembered. */
  readonly turns: number;
  readonly createdAt: Date;
  /** When its last turn was accepted. */
  readonly updatedAt: Date;
}

export interface ConversationPage {
  /** Newest first. */
  readonly conversations: readonly ListedConversation[];
  /** Pass it as `before` for the ones before these; null where there are none. */
  readonly earlier: TurnId | null;
}

/** The conversations that people find again. */
export interface ConversationList {
  /**
   * Those in which an author has said something, by their last turn.
   *
   * @param within - where they took place
   * @param options - `search`: only those whose title, questions or answers hold it, in any case of letters, among the
   *   newest `SEARCHED_CONVERSATIONS` before `before`. `limit`: conversations, 1 to 100.
   */
  page(
    authorKey: string,
    within: Pick<Address, 'platform' | 'app' | 'workspace'>,
    options: { readonly search?: string; readonly before?: TurnId; readonly limit: number },
  ): Promise<ConversationPage>;

  /** @param conversationKey - see `conversationKey` in domain/address.ts. Null where nothing was said, or it is on no list. */
  find(conversationKey: string): Promise<ListedConversation | null>;
  /** Null takes the title back. False where nothing was said under that key. */
  rename(conversationKey: string, title: string | null): Promise<boolean>;
  /** Takes it off every list, until something is said in it again, and forgets its title. */
  unlist(conversationKey: string): Promise<void>;
}

/** A search reads the texts of no more. */
export const SEARCHED_CONVERSATIONS = 1_000;
