import { expect, test } from 'vitest';
import { startModelServer } from '../../doubles/model-server/model-server.js';
import { LogServer } from '../../doubles/servers/log-server.js';
import { testServers } from '../../fixtures/test-servers.js';
import { createParleyFleet } from './parley-fleet.js';

test.skipIf(!testServers())(
  'a worker without LOGGING_URL leaves what it answers to those that have it, also while they are down',
  async () => {
    const server = await startModelServer();
    const logs = await LogServer.open();
    const fleet = await createParleyFleet({ modelServer: server });
    try {
      const exporting = await fleet.start('worker', { LOGGING_URL: logs.url });
      await exporting.end('SIGTERM');
      await fleet.start('worker');
      const web = await fleet.start('web');
      server.setScript(() => 'Four.');
      const answered = await fetch(`${web.url}/api/question`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ question: 'What is 2 + 2?', user_id: 'ana' }),
      });
      expect(await answered.json()).toMatchObject({ answer: 'Four.' });
      expect(logs.posts).toEqual([]);
      await fleet.start('worker', { LOGGING_URL: logs.url });
      await logs.received(1);
      expect(JSON.parse(logs.posts[0]?.body ?? '')).toMatchObject({
        messages: [{ content: 'What is 2 + 2?' }, { content: 'Four.' }],
      });
    } finally {
      await fleet.remove();
      await logs.close();
      await server.close();
    }
  },
);
