import ipaddr from 'ipaddr.js';

/**
 * True for a host that only this machine can reach: `localhost`, 127.0.0.0/8, `::1`, also written as an IPv4-mapped
 * address. Not the names under `localhost`, which not every resolver keeps on this machine, nor short forms such as
 * 127.1, which a URL has in full by the time its host is read.
 *
 * @param host - a name or an address; IPv6 also in brackets, as in a URL
 */
export function isLoopback(host: string): boolean {
  return host.toLowerCase() === 'localhost' || readAddress(host)?.range() === 'loopback';
}

/** True for `0.0.0.0` and `::`: what listens there listens on every address, and nobody can be sent there. */
export function isEveryAddress(host: string): boolean {
  return (
    readAddress(host)
      ?.toByteArray()
      .every((byte) => byte === 0) ?? false
  );
}

/**
 * What counts as one caller: an IPv4 address, or the /64 of IPv6 that one customer has whole, as its first four groups.
 *
 * @returns `address` itself where it is none
 */
export function networkOf(address: string): string {
  const read = readAddress(address);
  if (read === null) return address;
  return read.kind() === 'ipv4' ? read.toString() : read.toNormalizedString().split(':', 4).join(':');
}

/** A host as a URL has it: IPv6 in brackets. */
export function hostInUrl(host: string): string {
  return ipaddr.IPv6.isValid(host) ? `[${host}]` : host;
}

/** An IPv4-mapped address is read as the IPv4 one, and the zone of a link-local one is left out. */
function readAddress(host: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(host)) return ipaddr.IPv4.parse(host);
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  // `::127.0.0.1` is no mapped address, though the library takes it for one.
  if (!ipaddr.IPv6.isValid(bare) || /^::\d+\./.test(bare)) return null;
  const read = ipaddr.IPv6.parse(bare.replace(/%.*$/, ''));
  return read.isIPv4MappedAddress() ? read.toIPv4Address() : read;
}
