/**
 * Text as a terminal may be sent it: without escape sequences and other control characters, which could move the
 * cursor, set titles or answer for the person. Line breaks and tabs stay.
 */
export function printable(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/[^\P{Cc}\n\t]/gu, '');
}

/** The `**bold**` of a command's answer as a terminal shows it; where it has no colours, the words alone. */
export function showBold(text: string, color: boolean): string {
  return text.replace(/\*\*([^*\n]+)\*\*/g, color ? '\x1b[1m$1\x1b[22m' : '$1');
}
