import type { TurnCall } from '../../api/api-types.js';
import { callApi } from '../../api/call-api.js';
import type { ShownTurn, Vote } from './turn.js';
import type { TurnList } from './turn-list.js';

interface VotesOptions {
  readonly turns: Pick<TurnList, 'change'>;
  /** Who votes, and in which conversation. */
  readonly caller: () => TurnCall;
  /** Shows what goes wrong beside the conversation. */
  readonly attempt: (action: () => Promise<void>) => Promise<void>;
}

/** What a person says of the answers in a conversation. */
export class Votes {
  readonly #options: VotesOptions;

  constructor(options: VotesOptions) {
    this.#options = options;
  }

  /** The same vote again takes it back. With another vote, or none, the comment goes. */
  async press(turn: ShownTurn, pressed: -1 | 1): Promise<void> {
    const vote = turn.vote === pressed ? 0 : pressed;
    await this.#options.attempt(() => this.#save(turn, vote, null));
  }

  /** @throws {ApiError} with the sentence to show */
  async comment(turn: ShownTurn, comment: string): Promise<void> {
    await this.#save(turn, turn.vote, comment);
  }

  /** Keeps this vote whatever there was. @param comment - null keeps the one of the same vote */
  async rate(turn: ShownTurn, vote: Vote, comment: string | null): Promise<void> {
    await this.#options.attempt(() => this.#save(turn, vote, comment));
  }

  async #save({ key, turnId }: ShownTurn, vote: Vote, comment: string | null): Promise<void> {
    const { turns, caller } = this.#options;
    const body = { ...caller(), vote, ...(comment !== null && { comment }) };
    await callApi('POST /api/turns/{id}/vote', { path: { id: String(turnId) }, body });
    turns.change(key, (old) => ({ ...old, vote, comment: comment || null }));
  }
}
