/**
 * Reads a `Retry-After` header (RFC 9110, 10.2.3): seconds, which some servers give with a fraction, or a date.
 *
 * @param now - milliseconds since 1970
 * @param capMs - longest wait that is believed. Default: any.
 * @returns whole milliseconds from `now`, at least 0; undefined where the header is missing or unreadable
 */
export function parseRetryAfter(
  header: string | null | undefined,
  now: number,
  capMs: number = Number.MAX_SAFE_INTEGER,
): number | undefined {
  const text = header?.trim() ?? '';
  const ms = /^\d+(\.\d+)?$/.test(text)
    ? Number(text) * 1000
    : /[a-z]/i.test(text) // `Date.parse` takes "-5" for a year
      ? Date.parse(text) - now
      : Number.NaN;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(Math.ceil(ms), 0), capMs);
}
