import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../../../doubles/clocks/fake-clock.js';
import { startModelServer } from '../../../../doubles/model-server/model-server.js';
import { answer, type Break, type Reply } from '../../../../doubles/model-server/reply.js';
import { RecordedLog } from '../../../../doubles/recorders/recorded-log.js';
import { openHosted, openProvider, read } from './open-hosted.js';

const _broken = (how: Break, afterTokens = 2) =>
  answer('One two three four.', { break: { afterTokens, how } });
const _json = (status: number, body: unknown): Reply => ({
  fault: 'answer',
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

describe('an endpoint that is not there', () => {
  test('refuses the connection', async () => {
    const server = await startModelServer();
    await server.close();
    const provider = openProvider(server.url, new FakeClock(), new RecordedLog());
    const { error } = await read(provider);
    await provider.stop();

    expect(error).toMatchObject({ kind: 'provider-unavailable', retryable: true });
    expect(error).toHaveProperty(
      'message',
      `the connection to ${new URL(server.url).host} failed (ECONNREFUSED)`,
    );
  });

  test('takes the connection and never completes it', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const sockets: Socket[] = [];
    silent.on('connection', (socket) => sockets.push(socket));
    const { port } = silent.address() as AddressInfo;
    const provider = openProvider(`https://127.0.0.1:${port}/v1`, new FakeClock(), new RecordedLog(), {
      connectMs: 50,
    });
    const { error } = await read(provider);
    await provider.stop();
    for (const socket of sockets) socket.destroy();
    silent.close();

    expect(error).toMatchObject({ kind: 'provider-unavailable' });
    expect(error).toHaveProperty('message', `no connection to 127.0.0.1:${port} in time`);
  });

  test('tears the connection down before it answers', async () => {
    const { server, provider } = await openHosted();
    server.next({ fault: 'reset' });

    expect((await read(provider)).error).toMatchObject({ kind: 'provider-unavailable' });
  });

  test.each(['ftp://models.test', 'models.test/v1', 'https://user:pass@models.test/v1'])(
    'has an address that is none: %s',
    (baseUrl) => {
      const open = () => openProvider(baseUrl, new FakeClock(), new RecordedLog());

      expect(open).toThrow(expect.objectContaining({ kind: 'setup' }));
      expect(open).not.toThrow('user:pass');
    },
  );
});
