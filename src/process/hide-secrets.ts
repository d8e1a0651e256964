/** What stands in the place of a secret. */
const HIDDEN = '[hidden]';

/** Names of fields whose values are never shown, compared without case, `_` and `-`. */
const SECRET_NAME =
  /(?:token|secret|password|authorization|apikey|cookie|credential|responseurl|webhookurl)s?$/;

/** What libraries put into sentences and addresses: credentials, and the text that a parser stumbled over. */
const SECRETS: readonly (readonly [pattern: RegExp, shown: string])[] = [
  [/:\/\/[^\s/@]{1,500}@/g, `://${HIDDEN}@`],
  [/\/(webhooks|interactions)\/(\d{1,20})\/[^\s/?"]+/g, `/$1/$2/${HIDDEN}`],
  [/\/\/hooks\.slack\.com\/[^\s"]+/g, `//hooks.slack.com/${HIDDEN}`],
  [/\b(?:xox[a-z]-|xoxe\.|xapp-|hf_|sk-)[\w.-]+/g, HIDDEN],
  // A bot token of Discord's, and the token of an interaction.
  [/\b[MNO][\w-]{20,}\.[\w-]{6}\.[\w-]{27,}/g, HIDDEN],
  [/\baW50ZXJhY3Rpb2[\w+/=-]+/g, HIDDEN],
  [/\b(Bearer|Bot|Basic) [\w.~+/=-]{16,}/g, `$1 ${HIDDEN}`],
  [/(?<=, )(?:\.\.\.)?".*"(?:\.\.\.)?(?= is not valid JSON)/gs, HIDDEN],
];

/** Levels of nested fields that are shown. */
const DEEPEST = 6;

/** Takes out of a text what looks like a secret. */
export function hideInText(text: string): string {
  return SECRETS.reduce((hidden, [pattern, shown]) => hidden.replace(pattern, shown), text);
}

/**
 * The same fields without secrets, however deep.
 *
 * @param describe - what is shown of an error
 */
export function hideInFields(fields: object, describe: (error: Error) => object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, hidden(name, value, describe, DEEPEST)]),
  );
}

function hidden(name: string, value: unknown, describe: (error: Error) => object, levels: number): unknown {
  if (value instanceof Error) return describe(value);
  const secret = SECRET_NAME.test(name.toLowerCase().replace(/[_-]/g, ''));
  if (secret && (typeof value === 'string' || typeof value === 'object') && value !== null) return HIDDEN;
  if (typeof value === 'string') return hideInText(value);
  if (value instanceof URL) return hideInText(value.href);
  if (typeof value !== 'object' || value === null) return value;
  if (levels === 0) return '[deeper]';
  if (Array.isArray(value)) return value.map((item) => hidden('', item, describe, levels - 1));
  if (value instanceof Date || 'toJSON' in value) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, hidden(key, inner, describe, levels - 1)]),
  );
}
