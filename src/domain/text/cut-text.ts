/** Takes characters for what people see as one: an emoji family, a flag, a letter with its marks, a Hangul syllable. */
const CHARACTERS = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** The beginning of `text`, at most `limit` UTF-16 code units, that halves no character. */
export function cutText(text: string, limit: number): string {
  return text.slice(0, wholeLength(text, limit));
}

/**
 * The longest length up to `limit` at which no character is halved. Only a character that is longer than `limit` is,
 * and then no surrogate pair. Looks at nothing after the code point that follows `limit`.
 *
 * @param limit - in UTF-16 code units, as is what comes back
 */
export function wholeLength(text: string, limit: number): number {
  if (limit >= text.length) return text.length;
  // Whether two code points are parted is decided by what stands before them and by the second.
  const near = text.slice(0, limit + 2);
  const start = CHARACTERS.segment(near).containing(limit)?.index ?? 0;
  if (start > 0) return start;
  return (text.codePointAt(limit - 1) ?? 0) > 0xffff ? limit - 1 : limit;
}
