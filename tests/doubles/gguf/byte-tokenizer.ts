/** A GPT-2 style vocabulary: control tokens, all 256 bytes, then merged words. */
export interface ByteTokenizer {
  readonly tokens: readonly string[];
  /** llama.cpp's token kinds: 1 normal, 3 control, 5 unused. */
  readonly types: readonly number[];
  readonly merges: readonly string[];
  readonly bos: number;
  readonly eos: number;
  readonly endOfText: number;
}

const CONTROL = ['<|endoftext|>', '<|im_start|>', '<|im_end|>'];
/** Merged by rank, so that prompts of plain English are not one token a byte. */
const COMMON_WORDS = [' the', ' user', 'user', 'system', 'assistant', ' is', ' a', ' of', 'you'];
const COMMON_LETTERS = [...'etaoinshrdlcumwfgypbvkjxqz'];
const BYTE_NAMES = byteNames();

/** GPT-2 writes each byte as a printable character. */
export function tokenOfBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => BYTE_NAMES[byte] ?? '').join('');
}

/**
 * @param pieces - whole tokens that no merge leads to: only a scripted model says them
 * @param size - tokens in all; filled with merges of common letters, then with unused tokens
 */
export function buildTokenizer(pieces: readonly string[], size: number): ByteTokenizer {
  const tokens: string[] = [];
  const types: number[] = [];
  const merges: string[] = [];
  const known = new Set<string>();
  const push = (token: string, type: number): boolean => {
    if (known.has(token)) return false;
    known.add(token);
    tokens.push(token);
    types.push(type);
    return true;
  };
  const merge = (left: string, right: string): void => {
    if (tokens.length < size && push(left + right, 1)) merges.push(`${left} ${right}`);
  };

  for (const token of CONTROL) push(token, 3);
  for (const name of BYTE_NAMES) push(name, 1);
  for (const piece of pieces) push(piece, 1);
  for (const word of COMMON_WORDS) {
    const letters = [...tokenOfBytes(Buffer.from(word))];
    let left = letters[0] ?? '';
    for (const letter of letters.slice(1)) {
      merge(left, letter);
      left += letter;
    }
  }
  for (const left of ['Ġ', ...COMMON_LETTERS]) for (const right of COMMON_LETTERS) merge(left, right);
  for (const left of COMMON_LETTERS) {
    for (const middle of COMMON_LETTERS) {
      if (tokens.length >= size) break;
      for (const right of COMMON_LETTERS) {
        merge(left + middle, right);
        if (known.has(`Ġ${left}`)) merge(`Ġ${left}`, middle);
      }
    }
  }
  for (let i = 0; tokens.length < size; i++) push(`<|unused_${i}|>`, 5);
  return { tokens, types, merges, bos: 1, eos: 2, endOfText: 0 };
}

/** Printable bytes stand for themselves; the others for the code points from 256 on, in order. */
function byteNames(): string[] {
  const printable = (byte: number) =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(printable(byte) ? byte : next++));
}
