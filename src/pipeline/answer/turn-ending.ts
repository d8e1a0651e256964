import type { FailureKind } from '../../domain/failure.js';
import { type Phrases, phrasesIn } from '../../domain/text/phrases.js';
import type { GeneratedReply, TurnOutcome } from '../../domain/turn.js';
import type { ReplyView } from '../reply/reply-view.js';
import type { ReplyBrief } from './generate-reply.js';

/** How a turn ends: what the person sees last, and what is stored. */
export interface TurnEnding {
  readonly view: Extract<ReplyView, { type: 'final' }>;
  readonly outcome: TurnOutcome;
}

export function replied(brief: ReplyBrief, reply: GeneratedReply): TurnEnding {
  const say = phrasesIn(brief.language);
  const notes: string[] = [];
  if (reply.model !== brief.alias) notes.push(say.answeredBy(reply.model));
  if (reply.finishReason === 'length') notes.push(say.lengthReached);
  const notice = brief.persona.notice?.[brief.language];
  if (notice !== undefined) notes.push(notice);
  const footer = notes.length > 0 ? { footer: notes.join(' · ') } : {};
  return { view: { ...finalView(reply.reply), ...footer }, outcome: { state: 'done', ...reply } };
}

/** A person stopped the turn before there was any text. */
export function stopped(say: Phrases): TurnEnding {
  return { view: finalView(say.stopped), outcome: { state: 'cancelled' } };
}

/**
 * @param shown - the text that came before the failure; empty where there was none
 * @param ownPrompt - whether a person set the system prompt
 */
export function brokenOff(
  shown: string,
  kind: FailureKind | 'bug',
  say: Phrases,
  ownPrompt = false,
): TurnEnding {
  const failed = ownPrompt && kind === 'context-overflow' ? say.promptTooLong : say.failed(kind);
  const notice = shown === '' ? failed : say.cutShort;
  const text = shown === '' ? notice : `${shown.trimEnd()}\n\n${notice}`;
  return { view: finalView(text), outcome: { state: 'failed', kind, notice } };
}

function finalView(text: string): TurnEnding['view'] {
  return { type: 'final', text, controls: 'rate-and-regenerate' };
}
