import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ModelServer, startModelServer } from '../../doubles/model-server/model-server.js';
import { testServers } from '../../fixtures/test-servers.js';
import { createParleyFleet, type ParleyFleet } from './parley-fleet.js';

describe.skipIf(!testServers())('a web process and a worker', () => {
  let server: ModelServer;
  let fleet: ParleyFleet;
  let url: string;

  beforeAll(async () => {
    server = await startModelServer();
    fleet = await createParleyFleet({ modelServer: server });
    await fleet.start('worker');
    ({ url } = await fleet.start('web'));
  });
  afterAll(async () => {
    await fleet?.remove();
    await server?.close();
  });

  const send = (method: string, path: string, body: object) =>
    fetch(url + path, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  async function ask(question: string, more: object = {}): Promise<number> {
    const asked = { question, user_id: 'ann', conversation_id: 'c1', ...more };
    const response = await send('POST', '/api/question', asked);
    expect(response.status).toBe(200);
    return ((await response.json()) as { turn_id: number }).turn_id;
  }
  const heard = () => server.requests.at(-1)?.body;

  test('what is set in one holds for the next answer of the other, however soon', async () => {
    server.setScript(() => 'Aye.');
    for (const n of [1, 2, 3, 4]) {
      const settings = { system_prompt: `Speak as pirate ${n}.`, parameters: { temperature: n / 4 } };
      expect((await send('PATCH', '/api/conversations/c1/settings', settings)).status).toBe(200);
      await ask(`Who are you, ${n}?`);
      expect(heard()).toMatchObject({
        temperature: n / 4,
        messages: expect.arrayContaining([{ role: 'system', content: `Speak as pirate ${n}.` }]),
      });
    }
    await ask('And now?', { parameters: { temperature: 0 } });
    expect(heard()).toMatchObject({ temperature: 0 });
    await send('PATCH', '/api/conversations/c1/settings', { system_prompt: null, parameters: null });
    await ask('And then?');
    expect(JSON.stringify(heard())).not.toContain('pirate 4.');
  });

  test('the model hears nothing any more of a question that was replaced', async () => {
    const first = await ask('Where is the parrot?');
    await ask('And its cage?');
    await ask('Where is the cat?', { replaces: first });
    const prompt = JSON.stringify(heard());
    expect(prompt).toContain('Where is the cat?');
    expect(prompt).not.toMatch(/parrot|cage/);
  });
});
