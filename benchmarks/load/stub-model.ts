import { type ModelServer, startModelServer } from '../../tests/doubles/model-server/model-server.js';
import { answer } from '../../tests/doubles/model-server/reply.js';

/** As a GPU's server would: some dozen tokens, a few at a time. */
const REPLY = Array.from({ length: 12 }, (_, i) => `word${i}`).join(' ');

export function startStubModel(paceMs: number): Promise<ModelServer> {
  return startModelServer({ script: () => answer(REPLY, { paceMs }) });
}

/** parley.config.yaml for whoever asks it. */
export const STUB_CONFIGURATION = {
  models: { hosted: { endpoint: 'openai', name: 'scripted', contextSize: 131_072, concurrency: 1_000 } },
  downloads: { allowed: false },
  limits: { turnsPerMinute: 10_000 },
  delivery: { callAttention: 'off' },
};

export function stubEnvironment(url: string): Readonly<Record<string, string>> {
  return {
    PATH: process.env['PATH'] ?? '',
    PARLEY_PORT: '0',
    PARLEY_MODEL: 'hosted',
    LOG_LEVEL: 'warn',
    OPENAI_BASE_URL: url,
  };
}
