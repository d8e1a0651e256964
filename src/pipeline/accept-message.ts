import { conversationLanguage } from '../domain/language.js';
import { phrasesIn } from '../domain/phrases.js';
import { SAMPLING_RANGES, type SamplingOverrides, STOP_LIMITS } from '../domain/sampling.js';
import type { EffectiveSettings } from '../domain/settings.js';
import type { ConversationId, IncomingMessage } from '../domain/turn.js';
import type { Clock } from '../ports/clock.js';
import type { Acceptance, RefusalReason } from '../ports/inbox.js';
import type { JobQueue } from '../ports/job-queue.js';
import type { ModelRouter } from '../ports/model-router.js';
import type { TurnStore } from '../ports/turn-store.js';
import type { UsageStore } from '../ports/usage-store.js';

export interface AcceptanceLimits {
  /** Longest message, in UTF-16 code units. */
  readonly messageLength: number;
  /** Questions of one user within 60 s; null for no limit. */
  readonly turnsPerMinute: number | null;
  /** Tokens (prompt and reply) of one user within 24 h; null for no limit. */
  readonly tokensPerDay: number | null;
}

/** The payload of a wake-up: the turns themselves are in the database. */
export interface WakeUp {
  readonly conversationId: ConversationId;
}

export interface AcceptMessageDeps {
  readonly turns: Pick<TurnStore, 'record' | 'findByMessage'>;
  readonly usage: Pick<UsageStore, 'recent'>;
  readonly wakeUps: Pick<JobQueue<WakeUp>, 'add'>;
  readonly router: Pick<ModelRouter, 'has' | 'models'>;
  readonly limits: AcceptanceLimits;
  readonly clock: Clock;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/**
 * Checks a message, records it with its turn, and wakes its conversation up. Resolves after the commit; the same
 * message again gives `duplicate` and wakes the conversation once more, in case the first wake-up was lost.
 *
 * @throws {ExpectedFailure} `setup`, retryable, where database or queue is out of reach: do not acknowledge
 */
export async function acceptMessage(
  message: IncomingMessage,
  settings: EffectiveSettings,
  deps: AcceptMessageDeps,
): Promise<Acceptance> {
  const refusal = refusalOf(message, settings, deps) ?? (await limitRefusal(message, settings, deps));
  if (refusal) return refusal;
  const recorded = await deps.turns.record(message, settings.memory);
  const { turnId, conversationId, ahead } = recorded;
  await deps.wakeUps.add({ conversationId });
  return recorded.created
    ? { type: 'accepted', turnId, conversationId, ahead }
    : { type: 'duplicate', turnId, conversationId };
}

function refusalOf(
  message: IncomingMessage,
  settings: EffectiveSettings,
  deps: AcceptMessageDeps,
): Acceptance | null {
  const say = phrasesIn(conversationLanguage(settings.language, [message.text])).refused;
  const refuse = (reason: RefusalReason, text: string): Acceptance => ({ type: 'refused', reason, text });
  const { messageLength } = deps.limits;
  if (!/[^\s\p{C}]/u.test(message.text) && !message.quoted) return refuse('empty', say.empty);
  if (message.text.length > messageLength)
    return refuse('too-long', say.tooLong(message.text.length, messageLength));
  if (message.model !== undefined && !deps.router.has(message.model)) {
    return refuse(
      'unknown-model',
      say.unknownModel(
        message.model.slice(0, 80),
        deps.router.models().map((m) => m.alias),
      ),
    );
  }
  const bad = badSampling(message.sampling ?? {});
  return bad === null ? null : refuse('bad-parameter', bad);
}

async function limitRefusal(
  message: IncomingMessage,
  settings: EffectiveSettings,
  deps: AcceptMessageDeps,
): Promise<Acceptance | null> {
  const { turnsPerMinute, tokensPerDay } = deps.limits;
  if (turnsPerMinute === null && tokensPerDay === null) return null;
  const now = deps.clock.now();
  const used = await deps.usage.recent(message.author.key, new Date(now - MINUTE_MS), new Date(now - DAY_MS));
  const overTurns = turnsPerMinute !== null && used.turns >= turnsPerMinute;
  const overTokens = tokensPerDay !== null && used.tokens >= tokensPerDay;
  if (!overTurns && !overTokens) return null;
  // The same message delivered twice was counted the first time: it is a duplicate, not one too many.
  if (await deps.turns.findByMessage(message.key)) return null;
  const say = phrasesIn(conversationLanguage(settings.language, [message.text])).refused;
  return overTurns
    ? { type: 'refused', reason: 'turn-limit', text: say.turnLimit(turnsPerMinute), retryAfterMs: MINUTE_MS }
    : {
        type: 'refused',
        reason: 'token-limit',
        text: say.tokenLimit(tokensPerDay ?? 0),
        retryAfterMs: DAY_MS / 24,
      };
}

/** Whether a person has used up their tokens of the last 24 h: another answer to an old question would cost more. */
export async function overTokenLimit(
  authorKey: string,
  { limits, usage, clock }: Pick<AcceptMessageDeps, 'limits' | 'usage' | 'clock'>,
): Promise<boolean> {
  if (limits.tokensPerDay === null) return false;
  const now = clock.now();
  const used = await usage.recent(authorKey, new Date(now), new Date(now - DAY_MS));
  return used.tokens >= limits.tokensPerDay;
}

/** A sentence about the first parameter out of range, or null. */
export function badSampling(sampling: SamplingOverrides): string | null {
  for (const [name, range] of Object.entries(SAMPLING_RANGES)) {
    const value = (sampling as Record<string, unknown>)[name];
    if (value === undefined) continue;
    const fits = typeof value === 'number' && value >= range.min && value <= range.max;
    if (!fits || (range.whole && !Number.isInteger(value))) {
      return `${name} must be a ${range.whole ? 'whole ' : ''}number between ${range.min} and ${range.max}.`;
    }
  }
  const stop = sampling.stop ?? [];
  const { count, length } = STOP_LIMITS;
  if (stop.length > count || stop.some((text) => text === '' || text.length > length)) {
    return `stop takes at most ${count} texts of 1 to ${length} characters.`;
  }
  return null;
}
