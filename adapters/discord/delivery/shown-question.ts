/**
 * Longest line, in UTF-16 code units, with its mark and line break: what a part of full length and its footer leave of
 * a message.
 */
export const QUESTION_LINE_LIMIT = 90;

const MARK = '> ';
/** What Discord reads as markup anywhere in a line; of a URL, the colon keeps it from becoming a link. */
const MARKUP = /[\\`*_~|<>[\]()#:@-]/;

/** A question on one line, escaped and cut, for above its reply: Discord shows nobody the options of a command. */
export function shownQuestion(question: string): string {
  const room = QUESTION_LINE_LIMIT - MARK.length - 1;
  const line = question.replace(/[\s\p{C}]+/gu, ' ').trim();
  let shown = '';
  for (const character of line) {
    const escaped = MARKUP.test(character) ? `\\${character}` : character;
    if (shown.length + escaped.length > room - 1) return `${shown.trimEnd()}…`;
    shown += escaped;
  }
  return shown;
}

/** The line above a reply. @param shown - of `shownQuestion` */
export function questionLine(shown: string): string {
  return `${MARK}${shown}\n`;
}
