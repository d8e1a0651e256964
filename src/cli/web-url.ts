const EVERY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/**
 * Where this machine reaches a server that listens on a host and port: on loopback where that is every address. An
 * IPv6 address stands in brackets.
 */
export function webUrl({ host, port }: { readonly host: string; readonly port: number }): string {
  if (EVERY_ADDRESS.has(host)) return `http://127.0.0.1:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Of a start's report: where a person talks to it, and where a program does. */
export function webLines(url: string): string[] {
  return [`  browser   ${url}`, `  HTTP      ${url}/api/question (all calls: ${url}/reference)`];
}
