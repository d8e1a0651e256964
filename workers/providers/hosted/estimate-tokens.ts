import type { Prompt } from '../../../src/domain/prompt.js';

/** Tokens a chat template adds to each message: role, markers, line breaks. ChatML uses 5, Llama 3 uses 5. */
const MESSAGE_TOKENS = 8;
/** Tokens around the whole prompt: its begin mark, the opening of the reply, a short system prompt some templates add. */
const PROMPT_TOKENS = 24;

const PIECES = /[A-Z]?[a-z]+|[A-Z]+|[ \t]+|\p{ASCII}|[^\p{ASCII}]+/gu;

/** Tokens of a prompt, template included, estimated from above. */
export function estimatePromptTokens(prompt: Prompt): number {
  return prompt.reduce((sum, { content }) => sum + MESSAGE_TOKENS + estimateTokens(content), PROMPT_TOKENS);
}

/**
 * Tokens of a text, estimated from above without the model's own vocabulary.
 *
 * Letters of ASCII count a third of a token each, rounded up for every run between changes of case, digits
 * and signs; a single space belongs to the word after it, longer runs count a token for two; a digit or sign
 * counts one. Everything else counts one for each of its UTF-8 bytes, which is the most that a tokenizer with
 * byte fallback can make of it: three for a Chinese character, four for an emoji.
 */
export function estimateTokens(text: string): number {
  let tokens = 0;
  for (const [piece] of text.matchAll(PIECES)) {
    if (/^[a-z]/i.test(piece)) tokens += Math.ceil(piece.length / 3);
    else if (/^[ \t]/.test(piece)) tokens += piece === ' ' ? 0 : Math.ceil(piece.length / 2);
    else tokens += Buffer.byteLength(piece);
  }
  return tokens;
}
