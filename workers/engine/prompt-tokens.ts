import type { LlamaTextValue, Token, Tokenizer } from 'node-llama-cpp';

/**
 * Tokens of a rendered prompt. Text is read as text: a person cannot type a control token.
 *
 * @param held - tokens a slot has evaluated. A model may spell its own reply in other tokens than its tokenizer would:
 *   where a text of the prompt is what `held` spells at the same place, those tokens are taken, so that they
 *   need no second evaluation.
 */
export function promptTokens(
  values: readonly LlamaTextValue[],
  tokenizer: Tokenizer,
  held: readonly Token[] = [],
): Token[] {
  const tokens: Token[] = [];
  let aligned = held.length > 0;
  for (const value of values) {
    const canonical = tokenize(value, tokenizer, tokens.length === 0);
    if (!aligned) {
      tokens.push(...canonical);
      continue;
    }
    const rest = held.slice(tokens.length);
    const shared = commonPrefix(canonical, rest);
    if (shared === canonical.length) {
      tokens.push(...canonical);
      continue;
    }
    const spelled =
      typeof value === 'string' && shared < rest.length
        ? spelledPrefix(value, rest, tokenizer, tokens)
        : { count: 0, length: 0 };
    if (typeof value === 'string' && spelled.count > shared) {
      tokens.push(...rest.slice(0, spelled.count));
      const remainder = value.slice(spelled.length);
      if (remainder !== '') tokens.push(...tokenizer(remainder, false, 'trimLeadingSpace'));
      aligned = remainder === '';
    } else {
      tokens.push(...canonical);
      aligned = false;
    }
  }
  return tokens;
}

function tokenize(value: LlamaTextValue, tokenizer: Tokenizer, first: boolean): Token[] {
  if (typeof value === 'string') return tokenizer(value, false, first ? undefined : 'trimLeadingSpace');
  return value.tokenize(tokenizer, !first);
}

/** The most tokens of `held` that spell the beginning of `text`, and how much of it they spell. */
function spelledPrefix(
  text: string,
  held: readonly Token[],
  tokenizer: Tokenizer,
  before: readonly Token[],
): { count: number; length: number } {
  const end = held.findIndex((token) => tokenizer.isSpecialToken(token) || tokenizer.isEogToken(token));
  const plain = end < 0 ? held : held.slice(0, end);
  const spell = (count: number) => tokenizer.detokenize(plain.slice(0, count), false, before.slice(-8));
  // Half a character at the end decodes to U+FFFD: it may still become the right one.
  const fits = (count: number) => text.startsWith(spell(count).replace(/\ufffd+$/, ''));
  let low = 0;
  let high = plain.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  for (let count = low; count > 0; count--) {
    const spelled = spell(count);
    if (text.startsWith(spelled)) return { count, length: spelled.length };
  }
  return { count: 0, length: 0 };
}

/** How many leading elements two lists share. */
export function commonPrefix<T>(a: readonly T[], b: readonly T[]): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length++;
  return length;
}
