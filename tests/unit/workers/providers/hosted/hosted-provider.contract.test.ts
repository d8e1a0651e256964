import { systemClock } from '../../../../../src/process/system-clock.js';
import { createHostedProvider } from '../../../../../workers/providers/hosted/hosted-provider.js';
import { describeModelProvider } from '../../../../contracts/models/model-provider.js';
import { atDouble } from '../../../../doubles/model-server/hugging-face.js';
import { startModelServer } from '../../../../doubles/model-server/model-server.js';
import { answer } from '../../../../doubles/model-server/reply.js';
import { RecordedLog } from '../../../../doubles/recorders/recorded-log.js';

const ANSWER = 'The quick brown fox jumps over the lazy dog, twice.';

describeModelProvider('an OpenAI-compatible endpoint', async () => {
  const server = await startModelServer({
    script: () => answer(ANSWER, { writeBytes: 7 }),
    models: ['fox'],
    contextWindow: 2048,
    apiKey: 'key-1',
  });
  const provider = createHostedProvider({
    endpoint: { kind: 'openai-compatible', baseUrl: server.url, apiKey: 'key-1' },
    contextWindows: { fox: 2048 },
    limits: { concurrent: 2 },
    clock: systemClock,
    log: new RecordedLog(),
  });
  return { provider, model: 'fox', answer: ANSWER, missingModel: 'wolf', close: () => server.close() };
});

describeModelProvider('a server that speaks as Hugging Face does', async () => {
  const server = await startModelServer({
    script: () => ANSWER,
    models: ['org/fox:together'],
    contextWindow: 2048,
    apiKey: 'hf_key',
  });
  const provider = createHostedProvider({
    endpoint: { kind: 'huggingface', baseUrl: server.url, token: 'hf_key', provider: 'together' },
    contextWindows: { 'org/fox': 2048 },
    clock: systemClock,
    log: new RecordedLog(),
  });
  return {
    provider,
    model: 'org/fox',
    answer: ANSWER,
    missingModel: 'org/wolf',
    close: () => server.close(),
  };
});

describeModelProvider('Hugging Face', async () => {
  const server = await startModelServer({
    script: () => ANSWER,
    providers: { 'org/fox': { together: 'foxes/Fox' } },
    contextWindow: 2048,
    apiKey: 'hf_key',
  });
  const provider = createHostedProvider({
    endpoint: { kind: 'huggingface', token: 'hf_key', provider: 'together' },
    contextWindows: { 'org/fox': 2048 },
    clock: systemClock,
    log: new RecordedLog(),
    intercept: atDouble(server.url, []),
  });
  return {
    provider,
    model: 'org/fox',
    answer: ANSWER,
    missingModel: 'org/wolf',
    close: () => server.close(),
  };
});
