import type { DeliveryTarget, PostedPart, TurnId } from '../../domain/turn.js';
import type { Charge } from './edit-budget.js';

/** One platform message of a reply, as it should look now. */
export interface PartDraft {
  readonly turnId: TurnId;
  readonly revision: number;
  readonly index: number;
  /** Markdown, at most `partLimit` long, fences closed. Not escaped: that is the platform's matter. */
  readonly text: string;
  /** `placeholder`: no text of the model yet. `streaming`: more will come. `final`: the last version of this part. */
  readonly state: 'placeholder' | 'streaming' | 'final';
  /** Small type under the last part: which model answered, that the reply was cut. */
  readonly footer?: string;
  /** Controls under the last part; earlier parts have none. */
  readonly controls: 'none' | 'stop' | 'rate-and-regenerate';
  /** True where no earlier attempt can have posted this part: a platform without nonces then need not look first. */
  readonly certainlyNew?: boolean;
  /**
   * A notice that may come late: what another attempt has put there already is left as it is. A platform without nonces
   * cannot know.
   */
  readonly unlessThere?: boolean;
  /** Ids of the reply's other parts: whatever is looked for, it is none of these. */
  readonly others?: readonly string[];
}

/**
 * Puts replies on one platform. REST only: a worker needs no gateway connection.
 *
 * Every method throws {ExpectedFailure} `delivery-failed` with a `reason`, or retryable `setup` where this process lacks
 * what another may have; and `signal.reason` on abort.
 */
export interface Delivery {
  /** Longest part, in UTF-16 code units. */
  readonly partLimit: number;
  /**
   * What edits of this target's parts are charged to, by the caller of `edit`.
   *
   * @param edit - the one that is meant, where platforms count edits of different kinds apart
   */
  budget(target: DeliveryTarget, edit?: { readonly posted: PostedPart; readonly part: PartDraft }): Charge;

  /**
   * Shows that a reply is coming (typing, a status): seen for about 10 s, so call it again. Cheap, and may be lost.
   *
   * @throws {ExpectedFailure} `rejected`, where the platform shows nothing of the kind here: post a placeholder
   */
  showWorking(target: DeliveryTarget, signal: AbortSignal): Promise<void>;

  /**
   * Posts a part. Posting the same (turn, index) again, by this worker or the next, gives the same message:
   * the platform's nonce or metadata carries both.
   */
  post(target: DeliveryTarget, part: PartDraft, signal: AbortSignal): Promise<PostedPart>;

  /** Changes a part to its newest version. May give a new message id where the old one could not be edited. */
  edit(target: DeliveryTarget, posted: PostedPart, part: PartDraft, signal: AbortSignal): Promise<PostedPart>;

  /** Removes a part that a shorter second answer left over. */
  remove(target: DeliveryTarget, posted: PostedPart, signal: AbortSignal): Promise<void>;

  /** Draws the asker's eye to a reply that took long: a fresh message, or a mention of the asker. Once per turn. */
  callAttention(target: DeliveryTarget, turnId: TurnId, last: PostedPart, signal: AbortSignal): Promise<void>;
}
