import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { within } from '../../../src/exchange/time-limit.js';

const LIMIT_MS = 20;
const late = () => new Error('late');

test('an answer that came while this process was busy is in time', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [peer] = (await accepted) as [Socket];
  try {
    const answer = within(LIMIT_MS, once(client, 'data'), late);
    peer.write('here');
    const busyUntil = performance.now() + 5 * LIMIT_MS;
    while (performance.now() < busyUntil);
    expect(String(await answer)).toBe('here');
  } finally {
    client.destroy();
    server.close();
  }
});

test('what never comes is late', async () => {
  await expect(within(LIMIT_MS, new Promise(() => {}), late)).rejects.toThrow('late');
});
