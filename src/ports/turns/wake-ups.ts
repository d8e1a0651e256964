import type { ConversationId } from '../../domain/turn.js';

/** A conversation that has something to do: the turns themselves are in the database. */
export interface WakeUp {
  readonly conversationId: ConversationId;
  /**
   * The model that its next turn asks for, as far as is known: a worker that does not serve it hands the conversation
   * on. Left out: any worker looks.
   */
  readonly alias?: string;
}

export interface WakeUps {
  /** @throws {ExpectedFailure} `setup`, retryable, where the queue cannot be reached: the caller must not acknowledge */
  add(wakeUp: WakeUp): Promise<void>;
}
