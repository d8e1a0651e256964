import { SAID } from '../sentences.js';
import type { ShownTurn } from '../turns/turn.js';

/** What is known of how an answer came about, in the order it is shown; nothing where nothing answered. */
export function factsOf({ model, replyTokens, tokensPerSecond, firstTokenMs }: ShownTurn): string[] {
  if (model === null) return [];
  return [
    model,
    SAID.tokens(replyTokens),
    ...(tokensPerSecond === null ? [] : [SAID.perSecond(tokensPerSecond)]),
    ...(firstTokenMs === null ? [] : [SAID.first(firstTokenMs)]),
  ];
}
