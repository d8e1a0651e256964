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
  /** Stands for the persona's system prompt, in any language. At most `SYSTEM_PROMPT_LENGTH`; never blank. */
  readonly systemPrompt?: string;
  /** Set by an administrator alone. */
  readonly limits?: PlaceLimits;
}

/** What one person may use here, instead of what the configuration allows. 0 is no limit; unset, the configuration's holds. */
export interface PlaceLimits {
  /** Questions within 60 s: 0 to 10,000. */
  readonly turnsPerMinute?: number;
  /** Tokens of prompts and replies within 24 h: 0 to 1,000,000,000. */
  readonly tokensPerDay?: number;
}

export const PLACE_LIMIT_RANGES = { turnsPerMinute: 10_000, tokensPerDay: 1_000_000_000 } as const;

/** UTF-16 code units. */
export const SYSTEM_PROMPT_LENGTH = 8_000;

export type EffectiveSettings = Required<Omit<ConversationSettings, 'limits' | 'systemPrompt'>> &
  Pick<ConversationSettings, 'limits' | 'systemPrompt'>;

/** Lays `layers` over each other, the weakest first. */
export function mergeSettings(
  base: EffectiveSettings,
  ...layers: readonly ConversationSettings[]
): EffectiveSettings {
  const sampling = Object.assign({}, base.sampling, ...layers.map((layer) => layer.sampling));
  const limits = Object.assign({}, base.limits, ...layers.map((layer) => layer.limits));
  return Object.assign({}, base, ...layers, { sampling }, Object.keys(limits).length === 0 ? {} : { limits });
}
