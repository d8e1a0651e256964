import type { EffectiveSettings } from './settings.js';

export interface AcceptanceLimits {
  /** Longest message, in UTF-16 code units. */
  readonly messageLength: number;
  /** Questions of one user within 60 s; null for no limit. */
  readonly turnsPerMinute: number | null;
  /** Tokens (prompt and reply) of one user within 24 h; null for no limit. */
  readonly tokensPerDay: number | null;
}

/** What one person may use at a place: what was set there, else what the configuration allows. */
export function limitsAt(
  { limits: own = {} }: Pick<EffectiveSettings, 'limits'>,
  limits: AcceptanceLimits,
): AcceptanceLimits {
  const at = (here: number | undefined, elsewhere: number | null) =>
    here === undefined ? elsewhere : here === 0 ? null : here;
  return {
    ...limits,
    turnsPerMinute: at(own.turnsPerMinute, limits.turnsPerMinute),
    tokensPerDay: at(own.tokensPerDay, limits.tokensPerDay),
  };
}
