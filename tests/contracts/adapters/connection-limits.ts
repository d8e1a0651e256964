import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { exchangeBytes } from '../../doubles/servers/exchange-bytes.js';

export interface TightLimits {
  readonly headersMs: number;
  readonly bodyMs: number;
  readonly connections: number;
}

/**
 * What every server of ours does about clients that are slow, or many.
 *
 * @param path - takes a POST
 * @param listen - opens a server on 127.0.0.1 until the test has finished; returns its port
 */
export function describeConnectionLimits(
  path: string,
  listen: (limits: TightLimits) => Promise<number>,
): void {
  describe('connection limits', () => {
    const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\n`;

    test.each([
      ['headers', `${head}X-`],
      ['body', `${head}Content-Length: 50\r\n\r\nhalf`],
    ])('a client that never ends its %s is sent away', async (_what, text) => {
      const port = await listen({ headersMs: 60, bodyMs: 120, connections: 10 });
      expect(await exchangeBytes(port, text)).toContain('408');
    });

    test('more connections than are allowed are not taken', async () => {
      const port = await listen({ headersMs: 10_000, bodyMs: 10_000, connections: 1 });
      const first = connect(port, '127.0.0.1');
      onTestFinished(() => void first.destroy());
      await once(first, 'connect');
      first.write(`POST ${path} HTTP/1.1\r\n`);
      expect(await exchangeBytes(port, `${head}\r\n`)).toBe('');
    });
  });
}
