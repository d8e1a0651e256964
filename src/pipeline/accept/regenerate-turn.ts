import type { AcceptanceLimits } from '../../domain/limits.js';
import type { Language } from '../../domain/settings.js';
import { phrasesIn } from '../../domain/text/phrases.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../domain/time/duration.js';
import type { TurnId } from '../../domain/turn.js';
import type { Regeneration } from '../../ports/turns/turn-actions.js';
import type { TurnControl } from '../../ports/turns/turn-control.js';
import type { TurnLookup } from '../../ports/turns/turn-lookup.js';
import type { UsageStore } from '../../ports/turns/usage-store.js';
import type { AcceptMessageDeps } from './accept-message.js';

export interface RegenerateTurnDeps extends Pick<AcceptMessageDeps, 'wakeUps' | 'limits'> {
  readonly turns: Pick<TurnLookup, 'find'>;
  readonly control: Pick<TurnControl, 'regenerate'>;
  readonly usage: Pick<UsageStore, 'recent' | 'ofApiKey'>;
}

/**
 * Has a finished turn answered again, and wakes its conversation up. Another answer costs as much as another question:
 * it counts against the limits of the person who asked.
 */
export async function regenerateTurn(
  turnId: TurnId,
  language: Language,
  deps: RegenerateTurnDeps,
): Promise<Regeneration> {
  const say = phrasesIn(language).refused;
  const turn = await deps.turns.find(turnId);
  if (!turn) return { type: 'refused', reason: 'nothing', text: say.nothingToRegenerate };
  if (turn.state === 'pending' || turn.state === 'running')
    return { type: 'refused', reason: 'not-finished', text: say.notFinished };
  const limit = await limitReached(turn.authorKey, turnId, deps);
  if (limit) {
    const { reason, allowed, ofKey } = limit;
    const [turnLimit, tokenLimit] = ofKey
      ? [say.keyTurnLimit, say.keyTokenLimit]
      : [say.turnLimit, say.tokenLimit];
    return reason === 'turn-limit'
      ? { type: 'refused', reason, text: turnLimit(allowed), retryAfterMs: MINUTE_MS }
      : { type: 'refused', reason, text: tokenLimit(allowed), retryAfterMs: HOUR_MS };
  }
  if (!(await deps.control.regenerate(turnId)))
    return { type: 'refused', reason: 'nothing', text: say.nothingToRegenerate };
  await deps.wakeUps.add({ conversationId: turn.conversationId });
  return { type: 'accepted' };
}

interface LimitReached {
  readonly reason: 'turn-limit' | 'token-limit';
  readonly allowed: number;
  /** Of the API key, not of the author. */
  readonly ofKey: boolean;
}

async function limitReached(
  authorKey: string,
  turnId: TurnId,
  { limits, usage }: RegenerateTurnDeps,
): Promise<LimitReached | null> {
  const { turnsPerMinute, tokensPerDay } = limits;
  if (turnsPerMinute !== null || tokensPerDay !== null) {
    const reached = over(limits, await usage.recent(authorKey, MINUTE_MS, DAY_MS, turnId));
    if (reached) return { ...reached, ofKey: false };
  }
  const ofKey = await usage.ofApiKey(turnId, MINUTE_MS, DAY_MS);
  const reached = ofKey && over(ofKey.limits, ofKey.used);
  return reached && { ...reached, ofKey: true };
}

function over(
  { turnsPerMinute, tokensPerDay }: Pick<AcceptanceLimits, 'turnsPerMinute' | 'tokensPerDay'>,
  used: { readonly turns: number; readonly tokens: number },
): Pick<LimitReached, 'reason' | 'allowed'> | null {
  if (turnsPerMinute !== null && used.turns >= turnsPerMinute)
    return { reason: 'turn-limit', allowed: turnsPerMinute };
  if (tokensPerDay !== null && used.tokens >= tokensPerDay)
    return { reason: 'token-limit', allowed: tokensPerDay };
  return null;
}
