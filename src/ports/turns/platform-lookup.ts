import type { Address } from '../../domain/address.js';
import type { EffectiveSettings } from '../../domain/settings.js';
import type { TurnView } from './turn-lookup.js';

/** What an adapter asks, to know whether something concerns the bot and in which language to speak. */
export interface PlatformLookup {
  settings(address: Address): Promise<EffectiveSettings>;
  /** True once the bot has answered, or is answering, at this address. */
  takesPart(address: Address): Promise<boolean>;
  /** The turn a part of whose reply is this platform message. */
  turnOfPart(platform: string, messageId: string): Promise<TurnView | null>;
}
