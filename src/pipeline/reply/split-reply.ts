import { cutText, wholeLength } from '../../domain/text/cut-text.js';

/** A code fence that is open at some point of a Markdown text. */
interface OpenFence {
  /** The backticks or tildes that opened it, 3 to 16. */
  readonly mark: string;
  /** The line that opens it again in the next part: mark and at most 20 units of info string. */
  readonly opening: string;
}

// A longer run of marks would leave no room for text: it is read as text.
const FENCE_LINE = /^ {0,3}(`{3,16}(?!`)|~{3,16}(?!~))([^\n]*)$/;
const INFO_LENGTH = 20;
/** Room kept for the line break and the marks that close a fence. */
const CLOSING_ROOM = 17;

/** Shortest limit that always leaves room for text between a reopened and a closing fence. */
export const MIN_PART_LIMIT = 80;

/**
 * Cuts a reply into parts that a platform accepts, each complete Markdown of its own: a fence open at a cut is closed
 * and opened again. Prefers blank lines, then line ends, ends of sentences, spaces.
 *
 * Prefix-stable: every part but the last stays as it is when text is appended, so a reply that streams never moves
 * text between messages.
 *
 * @param limit - longest part in UTF-16 code units, at least 80
 * @returns parts with visible text; none for blank text
 * @throws {RangeError} if `limit` is below 80
 */
export function splitReply(text: string, limit: number): string[] {
  if (!(limit >= MIN_PART_LIMIT))
    throw new RangeError(`a part needs at least ${MIN_PART_LIMIT} code units, not ${limit}`);
  const parts: string[] = [];
  let rest = text;
  let fence: OpenFence | null = null;
  for (;;) {
    const opening: string = fence ? `${fence.opening}\n` : '';
    // Looked at only where it may fit: a look at the rest for each part would make a long reply slow to split.
    if (opening.length + rest.length <= limit) {
      const endsIn = fenceAfter(rest, fence);
      const closing = endsIn ? `${rest.endsWith('\n') ? '' : '\n'}${endsIn.mark}` : '';
      if (opening.length + rest.length + closing.length <= limit) {
        if (rest.trim() !== '') parts.push(opening + rest + closing);
        return parts;
      }
    }
    const cut = cutPosition(rest, limit - opening.length - CLOSING_ROOM, fence);
    const piece = rest.slice(0, cut);
    const open = fenceAfter(piece, fence);
    const body = piece.replace(/\n+$/, '');
    if (body.trim() !== '') parts.push(opening + body + (open ? `\n${open.mark}` : ''));
    rest = rest.slice(cut);
    fence = open;
  }
}

/** The text, with a code fence closed that it leaves open: what is put after it is no code. */
export function closeFence(text: string): string {
  const open = fenceAfter(text, null);
  return open ? `${text}${text.endsWith('\n') ? '' : '\n'}${open.mark}` : text;
}

/** The fence still open at the end of `text`, which begins inside `before`. */
function fenceAfter(text: string, before: OpenFence | null): OpenFence | null {
  let open = before;
  for (const line of text.split('\n')) {
    const match = FENCE_LINE.exec(line);
    const mark = match?.[1];
    const info = match?.[2]?.trim() ?? '';
    if (mark === undefined) continue;
    if (open === null) {
      // CommonMark: the info string of a backtick fence holds no backtick.
      if (mark.startsWith('`') && info.includes('`')) continue;
      open = { mark, opening: mark + cutText(info, INFO_LENGTH) };
    } else if (mark[0] === open.mark[0] && mark.length >= open.mark.length && info === '') {
      open = null;
    }
  }
  return open;
}

/**
 * Where to cut, at most `room` units in; looks at nothing beyond but the code point there, which belongs to what stands
 * before it or does not, so that more text changes nothing.
 */
function cutPosition(rest: string, room: number, fence: OpenFence | null): number {
  const window = rest.slice(0, room);
  const inFence = fenceAfter(window, fence);
  if (inFence && !fence) {
    const start = lastFenceStart(window);
    if (start > room / 2) return start; // keep a block that begins late whole
  }
  if (!inFence) {
    const blank = window.lastIndexOf('\n\n');
    if (blank > room / 2) return blank + 2;
  }
  const line = window.lastIndexOf('\n');
  if (line > room / 4) return line + 1;
  if (!inFence) {
    const sentence = lastSentenceEnd(window);
    if (sentence > room / 2) return wholeLength(rest, sentence);
  }
  const space = window.lastIndexOf(' ');
  return wholeLength(rest, space > room / 4 ? space + 1 : room);
}

/** Where the line begins that opened the fence still open at the end of `window`. */
function lastFenceStart(window: string): number {
  let position = 0;
  let start = -1;
  let open: OpenFence | null = null;
  for (const line of window.split('\n')) {
    const after = fenceAfter(line, open);
    if (!open && after) start = position;
    open = after;
    position += line.length + 1;
  }
  return start;
}

function lastSentenceEnd(window: string): number {
  let end = -1;
  for (const match of window.matchAll(/[.!?…]\s|[。！？]\s?/g)) end = match.index + match[0].length;
  return end;
}
