import { expect, onTestFinished, test } from 'vitest';
import {
  type ModelServer,
  type ModelServerOptions,
  startModelServer,
} from '../../../../doubles/model-server/model-server.js';

async function open(options?: ModelServerOptions): Promise<ModelServer> {
  const server = await startModelServer(options);
  onTestFinished(() => server.close());
  return server;
}

function ask(server: ModelServer, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${server.url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

const messages = [
  { role: 'user', content: 'My name is Ada.' },
  { role: 'assistant', content: 'Hello.' },
  { role: 'user', content: 'What is my name?' },
];

test('answers in one piece where no stream is asked for, by what the request says', async () => {
  const server = await open({
    script: (request) => {
      const said = request.messages.map(({ content }) => content).join('\n');
      return `You are ${/my name is (\w+)/i.exec(said)?.[1] ?? 'a stranger'}.`;
    },
  });
  const response = await ask(server, { model: 'm', messages });

  expect(await response.json()).toMatchObject({
    choices: [{ message: { role: 'assistant', content: 'You are Ada.' }, finish_reason: 'stop' }],
    usage: { completion_tokens: 3 },
  });
});

test('streams events, the usage only where it is asked for', async () => {
  const server = await open();
  const plain = await (await ask(server, { model: 'm', messages, stream: true })).text();
  const counted = await (
    await ask(server, { model: 'm', messages, stream: true, stream_options: { include_usage: true } })
  ).text();

  expect(plain).toMatch(/^data: \{.*\}\n\n/);
  expect(plain).toMatch(/data: \[DONE\]\n\n$/);
  expect(plain).not.toContain('usage');
  expect(counted).toContain('"usage":{');
});

test.each([
  ['no JSON', '{'],
  ['no messages', { model: 'm', messages: [] }],
  ['a role that is none', { model: 'm', messages: [{ role: 'robot', content: 'x' }] }],
  ['a temperature out of range', { model: 'm', messages, temperature: 3 }],
  ['five stop texts', { model: 'm', messages, stop: ['1', '2', '3', '4', '5'] }],
])('refuses %s', async (_name, body) => {
  const response = await ask(await open(), body);

  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
});

test('wants its key, knows its models and its addresses', async () => {
  const server = await open({ apiKey: 'right', models: ['m'] });
  const key = { authorization: 'Bearer right' };
  const models = await fetch(`${server.url}/models`);

  expect((await ask(server, { model: 'm', messages }, { authorization: 'Bearer wrong' })).status).toBe(401);
  expect((await ask(server, { model: 'other', messages }, key)).status).toBe(404);
  expect((await ask(server, { model: 'm', messages }, key)).status).toBe(200);
  expect((await fetch(`${server.url}/completions`, { method: 'POST' })).status).toBe(404);
  expect(await models.json()).toMatchObject({ data: [{ id: 'm' }] });
});
