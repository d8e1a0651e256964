import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { HostedEndpoint } from '../../../../../workers/providers/hosted/hosted-endpoint.js';
import { createHostedProvider } from '../../../../../workers/providers/hosted/hosted-provider.js';
import { FakeClock } from '../../../../doubles/clocks/fake-clock.js';
import { atDouble } from '../../../../doubles/model-server/hugging-face.js';
import { startModelServer } from '../../../../doubles/model-server/model-server.js';
import { RecordedLog } from '../../../../doubles/recorders/recorded-log.js';
import { read, request } from './open-hosted.js';

const ROUTER = 'https://router.huggingface.co';
const HUB = 'https://huggingface.co';
const TOKEN = 'hf_key';

/** What the client learns of a model it keeps for the process: a model of its own for each test. */
const PROVIDERS = {
  'org/fox': { groq: 'fox-fast', together: 'foxes/Fox' },
  'org/owl': { novita: 'owl' },
};

type HuggingFace = Omit<Extract<HostedEndpoint, { kind: 'huggingface' }>, 'kind'>;

function openProvider(double: string, endpoint: HuggingFace, asked: string[], log = new RecordedLog()) {
  const provider = createHostedProvider({
    endpoint: { kind: 'huggingface', ...endpoint },
    limits: { retries: 0 },
    clock: new FakeClock(),
    log,
    intercept: atDouble(double, asked),
  });
  onTestFinished(() => provider.stop());
  return provider;
}

async function openHuggingFace(endpoint: Partial<HuggingFace> = {}) {
  const server = await startModelServer({ providers: PROVIDERS });
  onTestFinished(() => server.close());
  const asked: string[] = [];
  const provider = openProvider(server.url, { token: TOKEN, ...endpoint }, asked);
  const ask = (model: string) => read(provider, { ...request(), model });
  return { server, asked, ask };
}

describe('a request to Hugging Face', () => {
  test('leaves the provider to its router, where none was chosen', async () => {
    const { server, asked, ask } = await openHuggingFace();
    const { finish } = await ask('org/fox');

    expect(finish?.reason).toBe('stop');
    expect(asked).toEqual([`${ROUTER}/v1/chat/completions`]);
    expect(server.requests[0]?.body.model).toBe('org/fox');
    expect(server.requests[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
  });

  test('goes the way of the provider chosen, under its own name for the model, which the hub told once', async () => {
    const { server, asked, ask } = await openHuggingFace({ provider: 'groq' });
    const { text, finish } = await ask('org/fox');
    await ask('org/fox');

    expect([text, finish?.reason]).toEqual(['Hello! I am a scripted model.', 'stop']);
    const chat = `${ROUTER}/groq/openai/v1/chat/completions`;
    expect(asked).toEqual([`${HUB}/api/models/org/fox?expand[]=inferenceProviderMapping`, chat, chat]);
    expect(server.requests[0]?.body).toMatchObject({ model: 'fox-fast', stream: true });
    expect(server.requests[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
  });

  test.each([
    ['a policy of the router', 'org/fox', 'fastest', 'org/fox:fastest'],
    ['the order of the account', 'org/fox', 'auto', 'org/fox'],
    ['a provider in the name', 'org/fox:novita', 'groq', 'org/fox:novita'],
  ])('follows %s there', async (_what, model, provider, named) => {
    const { server, asked, ask } = await openHuggingFace({ provider });
    await ask(model);

    expect(asked).toEqual([`${ROUTER}/v1/chat/completions`]);
    expect(server.requests[0]?.body.model).toBe(named);
  });

  test('carries a key that is not of its form to its router, never to the provider', async () => {
    const { server, asked, ask } = await openHuggingFace({ provider: 'groq', token: 'api_old' });
    await ask('org/fox');

    expect(asked).toEqual([`${ROUTER}/v1/chat/completions`]);
    expect(server.requests[0]?.body.model).toBe('org/fox:groq');
    expect(server.requests[0]?.headers.authorization).toBe('Bearer api_old');
  });

  test('goes to an address of its own, with its query', async () => {
    const server = await startModelServer();
    onTestFinished(() => server.close());
    const asked: string[] = [];
    const baseUrl = `${server.url}?api-version=1`;
    const provider = openProvider(server.url, { token: TOKEN, provider: 'groq', baseUrl }, asked);
    await read(provider, { ...request(), model: 'org/fox' });

    expect(server.requests[0]?.path).toBe('/v1/chat/completions?api-version=1');
    expect(server.requests[0]?.body.model).toBe('org/fox:groq');
  });
});

describe('Hugging Face fails', () => {
  test('where the provider chosen does not have the model', async () => {
    const { server, ask } = await openHuggingFace({ provider: 'groq' });

    expect((await ask('org/owl')).error).toMatchObject({
      kind: 'provider-rejected',
      message: 'router.huggingface.co: the provider chosen for this model does not offer it for chats',
    });
    expect(server.requests).toEqual([]);
  });

  test('where the provider chosen has no chats', async () => {
    const { ask } = await openHuggingFace({ provider: 'replicate' });

    expect((await ask('org/fox')).error).toMatchObject({ kind: 'provider-rejected' });
  });

  test('where the hub does not know the model', async () => {
    const { ask } = await openHuggingFace({ provider: 'groq' });

    expect((await ask('org/wolf')).error).toMatchObject({
      kind: 'provider-rejected',
      message: 'huggingface.co answered 404: no such model or address',
    });
  });

  test.each([
    ['broken', '{"inferenceProv', 'provider-unavailable'],
    ['of another form', '{"inferenceProviderMapping": [5]}', 'provider-unavailable'],
    ['silent on providers', '{"id": "org/lynx"}', 'provider-rejected'],
  ])('where what the hub tells is %s', async (_what, body, kind) => {
    const hub = await openHub(body);
    const provider = openProvider(hub, { token: TOKEN, provider: 'groq' }, []);
    const { error } = await read(provider, { ...request(), model: 'org/bear' });

    expect(error).toMatchObject({ name: 'ExpectedFailure', kind });
  });
});

test('what its client has to say is a line in the log', async () => {
  const groq = { status: 'staging', providerId: 'new-fox', task: 'conversational' };
  const hub = await openHub(JSON.stringify({ inferenceProviderMapping: { groq } }));
  const log = new RecordedLog();
  const provider = openProvider(hub, { token: TOKEN, provider: 'groq' }, [], log);
  await read(provider, { ...request(), model: 'org/new-fox' });

  expect(log.lines).toMatchObject([
    {
      level: 'warn',
      fields: { endpoint: 'router.huggingface.co' },
      message: expect.stringContaining('staging'),
    },
  ]);
});

/** Answers everything with one JSON text. @returns its address */
async function openHub(body: string): Promise<string> {
  const hub = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  });
  await once(hub.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    hub.close();
  });
  const { port } = hub.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}
