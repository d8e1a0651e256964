import type { Token, Tokenizer } from 'node-llama-cpp';

/** What decoders write for bytes that are no character, or not yet. */
const REPLACEMENT = '\ufffd';
/** A character has at most four bytes: after that many tokens without one, the bytes are no text. */
const MOST_PENDING = 4;
/** Some tokenizers join a word to the tokens before it. */
const LOOK_BACK = 8;

/** Turns tokens into text, whole characters at a time. */
export class TokenText {
  readonly #detokenize: Tokenizer['detokenize'];
  #before: Token[];
  #pending: Token[] = [];

  constructor(detokenize: Tokenizer['detokenize'], before: readonly Token[]) {
    this.#detokenize = detokenize;
    this.#before = before.slice(-LOOK_BACK);
  }

  /** The text that `token` completes; empty in the middle of a character. */
  push(token: Token): string {
    this.#pending.push(token);
    const text = this.#detokenize(this.#pending, false, this.#before);
    if (text.endsWith(REPLACEMENT) && this.#pending.length < MOST_PENDING) return '';
    this.#before = [...this.#before, ...this.#pending].slice(-LOOK_BACK);
    this.#pending = [];
    return text;
  }

  /** What is left at the end, without the half of a character. */
  end(): string {
    if (this.#pending.length === 0) return '';
    const text = this.#detokenize(this.#pending, false, this.#before);
    this.#pending = [];
    return text.replace(/\ufffd+$/, '');
  }
}
