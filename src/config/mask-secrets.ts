import type { ParleyConfig } from './parley-config.js';

const MASK = '********';
const SECRET_KEYS: ReadonlySet<string> = new Set([
  'token',
  'botToken',
  'appToken',
  'signingSecret',
  'clientSecret',
  'stateSecret',
  'encryptionKeys',
  'apiKey',
  'secret',
]);

/** The configuration as plain JSON that may be shown: no token, key or password in it; null stays null. */
export function maskSecrets(config: ParleyConfig): unknown {
  const { logExport } = config;
  if (logExport === null) return masked('', config);
  return masked('', { ...config, logExport: { ...logExport, url: maskPath(logExport.url) } });
}

/** Hides where on a server something is posted: in a webhook's address the path is the secret. */
function maskPath(value: string): string {
  const url = new URL(value);
  if (url.pathname !== '/') url.pathname = `/${MASK}`;
  return url.href;
}

function masked(key: string, value: unknown): unknown {
  if (typeof value === 'string') return SECRET_KEYS.has(key) ? MASK : maskUrl(value);
  if (Array.isArray(value)) return value.map((item) => masked(key, item));
  if (value instanceof Map) return masked('', Object.fromEntries(value));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, masked(name, inner)]));
}

/** Hides what a URL may carry besides its place: the password, or a name alone, and the values of its query. */
function maskUrl(value: string): string {
  if (!/^[a-z][a-z+.-]*:\/\//i.test(value) || !URL.canParse(value)) return value;
  const url = new URL(value);
  if (url.password === '' && url.search === '' && url.hash === '' && !namedByKey(url)) return value;
  if (namedByKey(url)) url.username = MASK;
  if (url.password !== '') url.password = MASK;
  if (url.hash !== '') url.hash = MASK;
  // A query without "=" is all name.
  if (url.search !== '' && !url.search.includes('=')) url.search = MASK;
  for (const name of [...url.searchParams.keys()]) url.searchParams.set(name, MASK);
  return url.href;
}

/** On the web a name without a password is a key; a database's name without one is a name. */
function namedByKey(url: URL): boolean {
  return url.username !== '' && url.password === '' && /^https?:$/.test(url.protocol);
}
