import { isIPv6 } from 'node:net';
import type { Context } from 'hono';

/** Of the connection: what a header says of it anybody can write. Behind a proxy, the proxy's. */
export function callerAddress(c: Context): string {
  const { incoming }: { incoming?: { socket?: { remoteAddress?: string } } } = c.env ?? {};
  return incoming?.socket?.remoteAddress ?? '';
}

/** What counts as one address: one customer has a whole /64 of IPv6. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail = ''] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split('::');
  const before = head.split(':').filter(Boolean);
  const after = tail.split(':').filter(Boolean);
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  return [...before, ...zeros, ...after].slice(0, 4).join(':');
}
