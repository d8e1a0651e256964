import type { DeliveryTarget } from '../../domain/turn.js';

/** What a platform tells of what was handed in before. Each call may be repeated without harm. */
export interface PlatformChanges {
  /** A person edited or deleted a message. One that was never recorded is passed over. */
  edited(platform: string, channel: string, platformMessageId: string, text: string): Promise<void>;
  deleted(platform: string, channel: string, platformMessageId: string): Promise<void>;

  /** The bot was put out of a place: the turns whose target holds all that `target` does end, and are not retried. */
  abandon(target: DeliveryTarget): Promise<void>;
}
