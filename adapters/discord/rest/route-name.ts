/** Words of Discord's routes. Everything else in a path is an id or a secret. */
const WORDS: ReadonlySet<string> = new Set([
  '@me',
  '@original',
  'applications',
  'bot',
  'callback',
  'channels',
  'commands',
  'gateway',
  'guilds',
  'interactions',
  'members',
  'messages',
  'threads',
  'typing',
  'users',
  'webhooks',
]);

/** A request's method and route, `PATCH /channels/:id/messages/:id`, without what must not be counted by. */
export function routeName(method: string, url: string): string {
  const { pathname } = new URL(url);
  const route = pathname.replace(/^.*?\/v\d+\//, '');
  const words = route.split('/').map((segment) => (WORDS.has(segment) ? segment : ':id'));
  return `${method} /${words.join('/')}`;
}
