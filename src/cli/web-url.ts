import { hostInUrl, isEveryAddress } from '../domain/networks.js';

/**
 * Where this machine reaches a server that listens on a host and port: on loopback where that is every address. An
 * IPv6 address stands in brackets.
 */
export function webUrl({ host, port }: { readonly host: string; readonly port: number }): string {
  return `http://${isEveryAddress(host) ? '127.0.0.1' : hostInUrl(host)}:${port}`;
}

/** Of a start's report: where a person talks to it, and where a program does. */
export function webLines(url: string): string[] {
  return [`  browser   ${url}`, `  HTTP      ${url}/api/question (all calls: ${url}/reference)`];
}
