import { expect, test } from 'vitest';
import { startModelServer } from '../../doubles/model-server/model-server.js';
import { splitTokens } from '../../doubles/model-server/reply.js';
import { testServers } from '../../fixtures/test-servers.js';
import { createParleyFleet } from './parley-fleet.js';

const QUESTIONS = 12;

test.skipIf(!testServers())(
  'workers together ask an endpoint no more than its concurrency at once',
  async () => {
    let running = 0;
    let most = 0;
    const server = await startModelServer({
      script: () => {
        most = Math.max(most, ++running);
        return { tokens: splitTokens('Four, as far as I know.'), paceMs: 20 };
      },
    });
    for (let count = 1; count <= QUESTIONS; count++)
      void server.request(count).then(async ({ closed }) => {
        await closed;
        running--;
      });
    const fleet = await createParleyFleet({
      modelServer: server,
      file: {
        models: { hosted: { endpoint: 'openai', name: 'scripted', contextSize: 4096, concurrency: 2 } },
      },
    });
    try {
      const [web] = await Promise.all(['web', 'worker', 'worker', 'worker'].map((role) => fleet.start(role)));
      const ask = async (user: number) => {
        const answered = await fetch(`${web?.url}/api/question`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ question: 'What is 2 + 2?', user_id: `user-${user}` }),
        });
        return answered.json();
      };
      const answers = await Promise.all(Array.from({ length: QUESTIONS }, (_, i) => ask(i)));
      for (const answer of answers) expect(answer).toMatchObject({ answer: 'Four, as far as I know.' });
      expect(most).toBe(2);
    } finally {
      await fleet.remove();
      await server.close();
    }
  },
);
