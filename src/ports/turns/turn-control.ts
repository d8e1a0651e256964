import type { DeliveryTarget, TurnId } from '../../domain/turn.js';

/** What became of turns whose replies have nowhere to go any more. */
export interface AbandonedTurns {
  readonly ended: readonly TurnId[];
  /** Asked to stop: their workers end them. */
  readonly running: readonly TurnId[];
}

/** What may be wanted of a turn that was recorded, by those who do not hold it. */
export interface TurnControl {
  /** Marks an unfinished turn to be stopped. False where it had ended already. */
  requestStop(turnId: TurnId): Promise<boolean>;
  /** Makes a finished turn pending again; its parts are edited. False where it is not finished. */
  regenerate(turnId: TurnId): Promise<boolean>;
  /** Ends unfinished turns whose target holds all that `target` does, as `failed` by `delivery-failed`. */
  abandon(target: DeliveryTarget): Promise<AbandonedTurns>;
}
