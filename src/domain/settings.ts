import type { MemoryScope } from './address.js';
import type { SamplingOverrides } from './sampling.js';

/** Languages that personas and the bot's own sentences come in. */
export type Language = 'en' | 'zh';

/** What people can change for a channel or thread. Everything unset follows the weaker layer. */
export interface ConversationSettings {
  /** Model alias. */
  readonly model?: string;
  readonly persona?: string;
  /** `auto` follows the conversation's messages. */
  readonly language?: Language | 'auto';
  readonly memory?: MemoryScope;
  /** Answer in a thread without a new mention once the bot takes part in it. */
  readonly followThreads?: boolean;
  readonly sampling?: SamplingOverrides;
}

export type EffectiveSettings = Required<ConversationSettings>;

/** Lays `layers` over each other, the weakest first. */
export function mergeSettings(
  base: EffectiveSettings,
  ...layers: readonly ConversationSettings[]
): EffectiveSettings {
  const sampling = Object.assign({}, base.sampling, ...layers.map((layer) => layer.sampling));
  return Object.assign({}, base, ...layers, { sampling });
}
