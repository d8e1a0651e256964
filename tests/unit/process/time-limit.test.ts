import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { ended, within } from '../../../src/process/time-limit.js';
import { FakeClock } from '../../doubles/clocks/fake-clock.js';

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

test('by a clock that is held, nothing is late before its time, and nothing goes on waiting after', async () => {
  const clock = new FakeClock();
  const waiting = ended(new Promise(() => {}), 1_000, clock);
  let over = false;
  void waiting.then(() => {
    over = true;
  });
  await clock.advance(999);
  expect(over).toBe(false);
  await clock.advance(1);
  expect(await waiting).toBe(false);
  expect(await within(1_000, Promise.resolve('here'), late, clock)).toBe('here');
  expect(clock.sleeping).toBe(0);
});

test('what ends badly has ended', async () => {
  expect(await ended(Promise.reject(new Error('broken')), LIMIT_MS)).toBe(true);
  expect(await ended(new Promise(() => {}), LIMIT_MS)).toBe(false);
  await expect(within(LIMIT_MS, Promise.reject(new Error('broken')), late)).rejects.toThrow('broken');
});
