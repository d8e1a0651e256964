import { expect, test } from 'vitest';
import {
  modelFacts,
  modelState,
} from '../../../../../../../../adapters/web/page/chat/settings/model/model-facts.js';
import type { ListedModel } from '../../../../../../../../adapters/web/page/chat/settings/model/model-list.js';

const model: ListedModel = {
  alias: 'small',
  description: '',
  runs: 'local',
  context_window: 8192,
  state: 'ready',
  is_default: true,
  size_bytes: 1_117_320_768,
  progress: null,
  loaded: null,
  license: 'Apache-2.0',
  parameters: {},
};

test('says what a model is, and leaves out what nobody knows', () => {
  expect(modelFacts(model)).toEqual(['Runs here', '1.1 GB', '8,192 tokens of context', 'Apache-2.0']);
  const hosted = { ...model, runs: 'hosted', size_bytes: null, context_window: null, license: null } as const;
  expect(modelFacts(hosted)).toEqual(['Hosted elsewhere']);
  expect(modelFacts({ ...model, size_bytes: 24_300_000 })[1]).toBe('24 MB');
});

test.each([
  [true, 'Ready: it is loaded.'],
  [false, 'Ready: it is loaded with the first question to it.'],
  [null, 'Ready'],
])('says of a model that can answer whether it is loaded: %s', (loaded, said) => {
  expect(modelState({ ...model, loaded })).toBe(said);
});

test.each([
  ['loading', 0.456, 'Loading, 45 %'],
  ['not-downloaded', 0.999, 'Downloading, 99 %'],
  ['not-downloaded', null, 'Not downloaded: '],
  ['unavailable', null, 'Runs on no machine now: choose another one'],
] as const)('says how it stands with one that is %s at %s', (state, progress, said) => {
  expect(modelState({ ...model, state, progress })).toContain(said);
});
