/**
 * Text as a terminal may be sent it: without escape sequences and other control characters, which could move the
 * cursor, set titles or answer for the person. Line breaks and tabs stay.
 */
export function printable(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/[^\P{Cc}\n\t]/gu, '');
}
