import type { ParleyConfig } from './parley-config.js';

const MASK = '********';
const SECRET_KEYS: ReadonlySet<string> = new Set([
  'token',
  'botToken',
  'appToken',
  'signingSecret',
  'apiKey',
  'secret',
]);

/** The configuration as plain JSON that may be shown: no token, key or password in it; null stays null. */
export function maskSecrets(config: ParleyConfig): unknown {
  return masked('', config);
}

function masked(key: string, value: unknown): unknown {
  if (typeof value === 'string') return SECRET_KEYS.has(key) ? MASK : maskUrl(value);
  if (Array.isArray(value)) return value.map((item) => masked('', item));
  if (value instanceof Map) return masked('', Object.fromEntries(value));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, masked(name, inner)]));
}

/** Hides what a URL may carry besides its place: the password, and the values of its query. */
function maskUrl(value: string): string {
  if (!/^[a-z]+:\/\//.test(value) || !URL.canParse(value)) return value;
  const url = new URL(value);
  if (url.password === '' && url.search === '') return value;
  if (url.password !== '') url.password = MASK;
  for (const name of [...url.searchParams.keys()]) url.searchParams.set(name, MASK);
  return url.href;
}
