/** Names for the ids in Slack's markup. */
export interface NameLookup {
  /** The display name of a user id. */
  user(id: string): string;
}

const TAG = /<([^<>\n]+)>/g;

/** The user ids that `markup` mentions without a label. */
export function mentionedUsers(markup: string): readonly string[] {
  return [...new Set([...markup.matchAll(/<@([UW][A-Z0-9]+)>/g)].map((match) => match[1] ?? ''))];
}

/** True where `markup` mentions this user. */
export function mentions(markup: string, user: string): boolean {
  return [...markup.matchAll(/<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>/g)].some((match) => match[1] === user);
}

/**
 * What a person would read: Slack's `<@U1>`, `<#C1|general>`, `<https://…|label>` and entities in plain words.
 *
 * @param self - the bot's own user id: mentions of it are left out
 */
export function readableText(markup: string, self: string, names: NameLookup): string {
  return markup
    .replace(TAG, (tag, inner: string) => readableTag(tag, inner, self, names))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .trim();
}

function readableTag(tag: string, inner: string, self: string, names: NameLookup): string {
  const bar = inner.indexOf('|');
  const target = bar < 0 ? inner : inner.slice(0, bar);
  const label = bar < 0 ? '' : inner.slice(bar + 1);
  if (target.startsWith('@')) {
    const id = target.slice(1);
    return id === self ? '' : `@${label || names.user(id)}`;
  }
  if (target.startsWith('#')) return `#${label || target.slice(1)}`;
  if (target.startsWith('!')) return readableSpecial(target, label);
  if (/^(?:https?|ftp|slack):/.test(target))
    return label && label !== target ? `${label} (${target})` : target;
  if (/^(?:mailto|tel):/.test(target)) return label || target.replace(/^\w+:/, '');
  return tag;
}

/** `<!here>`, `<!subteam^S1|@team>`, `<!date^0^{date}|fallback>` */
function readableSpecial(target: string, label: string): string {
  if (label) return label;
  const name = target.slice(1).split('^')[0] ?? '';
  return `@${name}`;
}
