/** Row ids; positive, never given twice. */
export type ApiKeyId = number;

/** What all who ask with one API key may use together; null for no limit. */
export interface ApiKeyLimits {
  /** Questions within 60 s: 1 to 10,000. */
  readonly turnsPerMinute: number | null;
  /** Tokens of prompts and replies within 24 h: 1 to 1,000,000,000. */
  readonly tokensPerDay: number | null;
}

export const API_KEY_LIMIT_RANGES = { turnsPerMinute: 10_000, tokensPerDay: 1_000_000_000 } as const;

/** Longest name of a key, in UTF-16 code units. */
export const API_KEY_NAME_LENGTH = 100;

/** Whether a text has the form of an API key that Parley made: `pk_`, then 256 bits in base64url. */
export function isApiKey(text: string): boolean {
  return /^pk_[\w-]{43}$/.test(text);
}
