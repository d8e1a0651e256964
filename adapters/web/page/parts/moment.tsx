const format = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** A time of the API, in the browser's language and time zone. @param at - ISO 8601; null for never */
export function Moment({ at, never = '–' }: { readonly at: string | null; readonly never?: string }) {
  if (at === null) return never;
  return <time dateTime={at}>{format.format(new Date(at))}</time>;
}
