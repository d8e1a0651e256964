import { type AcceptanceLimits, limitsAt } from '../../domain/limits.js';
import { SAMPLING_NUMBERS, type SamplingOverrides, STOP_LIMITS } from '../../domain/sampling.js';
import type { EffectiveSettings } from '../../domain/settings.js';
import { cutText } from '../../domain/text/cut-text.js';
import { conversationLanguage } from '../../domain/text/language.js';
import { phrasesIn } from '../../domain/text/phrases.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../domain/time/duration.js';
import type { IncomingMessage } from '../../domain/turn.js';
import type { ModelRouter } from '../../ports/models/model-router.js';
import type { Acceptance, RefusalReason } from '../../ports/turns/inbox.js';
import type { AuthorLimits, NotReplaced, OverLimit, TurnRecorder } from '../../ports/turns/turn-recorder.js';
import type { WakeUps } from '../../ports/turns/wake-ups.js';

export interface AcceptMessageDeps {
  readonly recorder: TurnRecorder;
  readonly wakeUps: WakeUps;
  readonly router: Pick<ModelRouter, 'has' | 'models'>;
  readonly limits: AcceptanceLimits;
}

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
  const refusal = refusalOf(message, settings, deps);
  if (refusal) return refusal;
  const limits = limitsAt(settings, deps.limits);
  const mayUse = authorLimits(message, limits);
  const recorded =
    message.replaces === undefined
      ? await deps.recorder.record(message, settings.memory, mayUse)
      : await deps.recorder.replace(message.replaces, message, settings.memory, mayUse);
  if ('notReplaced' in recorded) return notReplaced(recorded.notReplaced, message, settings);
  if ('over' in recorded) return overLimit(recorded, message, settings, limits);
  const { turnId, conversationId, ahead } = recorded;
  await deps.wakeUps.add({ conversationId, alias: message.model ?? settings.model });
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
  if (!/[^\s\p{C}]/u.test(message.text) && !message.quoted && !message.prompt)
    return refuse('empty', say.empty);
  if (message.text.length > messageLength)
    return refuse('too-long', say.tooLong(message.text.length, messageLength));
  if (message.model !== undefined && !deps.router.has(message.model)) {
    return refuse(
      'unknown-model',
      say.unknownModel(
        cutText(message.model, 80),
        deps.router.models().map((m) => m.alias),
      ),
    );
  }
  const bad = badSampling(message.sampling ?? {});
  return bad === null ? null : refuse('bad-parameter', bad);
}

function authorLimits({ writtenEarlier }: IncomingMessage, limits: AcceptanceLimits): AuthorLimits {
  const cap = (below: number | null, withinMs: number) => (below === null ? null : { below, withinMs });
  const perMinute = writtenEarlier === true ? null : limits.turnsPerMinute;
  return { turns: cap(perMinute, MINUTE_MS), tokens: cap(limits.tokensPerDay, DAY_MS) };
}

function notReplaced(
  why: NotReplaced['notReplaced'],
  message: IncomingMessage,
  settings: EffectiveSettings,
): Acceptance {
  const say = phrasesIn(conversationLanguage(settings.language, [message.text])).refused;
  const refusals = {
    unknown: { reason: 'nothing-to-replace', text: say.nothingToReplace },
    forgotten: { reason: 'replaced-already', text: say.replacedAlready },
    unfinished: { reason: 'still-answering', text: say.stillAnswering },
  } as const;
  return { type: 'refused', ...refusals[why] };
}

function overLimit(
  { over, keyAllows }: OverLimit,
  message: IncomingMessage,
  settings: EffectiveSettings,
  limits: AcceptanceLimits,
): Acceptance {
  const say = phrasesIn(conversationLanguage(settings.language, [message.text])).refused;
  return over === 'turns'
    ? {
        type: 'refused',
        reason: 'turn-limit',
        text: keyAllows ? say.keyTurnLimit(keyAllows) : say.turnLimit(limits.turnsPerMinute ?? 0),
        retryAfterMs: MINUTE_MS,
      }
    : {
        type: 'refused',
        reason: 'token-limit',
        text: keyAllows ? say.keyTokenLimit(keyAllows) : say.tokenLimit(limits.tokensPerDay ?? 0),
        retryAfterMs: HOUR_MS, // tokens of the day before come free bit by bit
      };
}

/** A sentence about the first parameter out of range, or null. */
export function badSampling(sampling: SamplingOverrides): string | null {
  for (const [name, range] of Object.entries(SAMPLING_NUMBERS)) {
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
