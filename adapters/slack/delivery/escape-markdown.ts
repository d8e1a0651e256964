/** The longest that one UTF-16 code unit becomes when escaped: `&lt;`. */
export const ESCAPE_GROWTH = 4;

/**
 * Makes Markdown safe to show on Slack, which looks for `<!here>`, `<@U…>` and `<url|label>` even in Markdown:
 * `<` and `>` become entities. A `>` that begins a line quotes, and cannot form any of these: it stays.
 *
 * Prefix-stable: the result for a text begins with the result for each of its beginnings.
 *
 * @returns at most `ESCAPE_GROWTH` times as long
 */
export function escapeMarkdown(text: string): string {
  return text
    .replaceAll('<', '&lt;')
    .split('\n')
    .map((line) => {
      const quote = /^(?: {0,3}>)+/.exec(line)?.[0] ?? '';
      return quote + line.slice(quote.length).replaceAll('>', '&gt;');
    })
    .join('\n');
}

/** Makes plain text safe in a field that Slack reads as its own markup. */
export function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/**
 * As much of a streaming part as can be appended now: a closing fence at its end may only be there to make the part
 * whole, and will move when more text comes.
 */
export function appendable(text: string): string {
  return text.replace(/\n {0,3}(?:`{3,}|~{3,})[ \t]*\n?$/, '');
}
