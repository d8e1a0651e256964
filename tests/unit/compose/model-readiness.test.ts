import { expect, test } from 'vitest';
import { modelReadiness } from '../../../src/compose/serving.js';
import type { ModelSummary } from '../../../src/ports/models/model-router.js';

const models = (states: Readonly<Record<string, ModelSummary['state']>>) => ({
  defaultAlias: 'large',
  router: {
    models: () =>
      Object.entries(states).map(([alias, state]) => ({
        alias,
        description: '',
        runs: 'local' as const,
        contextWindow: null,
        state,
        isDefault: alias === 'large',
      })),
    has: () => true,
    stream: () => {
      throw new Error('nobody asks here');
    },
  },
});

test('a worker is not ready while its first model is being loaded', () => {
  expect(modelReadiness(models({ large: 'loading', small: 'ready' }))).toEqual({
    name: 'model',
    ok: false,
    reason: 'The model large is being loaded.',
  });
});

test.each([
  ['is loaded', { large: 'ready', small: 'loading' }],
  ['could not be had', { large: 'not-downloaded' }],
] as const)('it is where that model %s', (_what, states) => {
  expect(modelReadiness(models(states))).toEqual({ name: 'model', ok: true });
});
