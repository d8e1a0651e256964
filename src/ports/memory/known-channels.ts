import type { Platform } from '../../domain/address.js';

/** A channel in which people spoke to the bot. */
export interface KnownChannel {
  readonly workspace: string;
  readonly channel: string;
  /** The platform's id of the newest message that was recorded there; null where none has one. */
  readonly newestMessageId: string | null;
}

/** Where the bot takes part, so that what was missed there can be fetched. */
export interface KnownChannels {
  /** Of one app, those spoken in last first, at most `limit`. Ids of messages are compared as numbers. */
  latest(platform: Platform, app: string, limit: number): Promise<readonly KnownChannel[]>;
}
