import type { Address, Platform } from '../../domain/address.js';
import type { TurnId } from '../../domain/turn.js';

/** A channel, thread or direct message that the bot was spoken to in. */
export interface ListedPlace {
  /** See `addressKey` in domain/address.ts. */
  readonly key: string;
  readonly address: Address;
  readonly firstUsedAt: Date;
}

export interface ListedPlaces {
  /** First used last. */
  readonly places: readonly ListedPlace[];
  /** Pass it as `before` for the places before these; null where there are none. */
  readonly earlier: number | null;
}

export interface PlaceDirectory {
  /**
   * @param options.search - part of a workspace's, channel's or thread's id, in any case
   * @param options.limit - places, 1 to 200
   */
  page(options: {
    readonly platform?: Platform;
    readonly search?: string;
    readonly before?: number;
    readonly limit: number;
  }): Promise<ListedPlaces>;
  /** The place of a key, where the bot was ever spoken to in it; null elsewhere. */
  find(key: string): Promise<ListedPlace | null>;
  /** Where a turn was asked; null for an unknown turn. */
  ofTurn(turnId: TurnId): Promise<Address | null>;
}
