import { afterEach, beforeEach, expect, test } from 'vitest';
import { DEFAULT_SAMPLING } from '../../../../../src/domain/sampling.js';
import { openWeb } from '../open-web.js';

let open: Awaited<ReturnType<typeof openWeb>>;
beforeEach(async () => {
  open = await openWeb();
  open.bot.models = [
    {
      alias: 'small',
      description: 'Quick',
      runs: 'local',
      contextWindow: 8192,
      state: 'loading',
      isDefault: true,
      sizeBytes: 98_000_000,
      progress: 0.5,
      loaded: false,
      license: 'Apache-2.0',
      sampling: { ...DEFAULT_SAMPLING, temperature: 0.2, stop: ['###'] },
    },
    {
      alias: 'big',
      description: '',
      runs: 'hosted',
      contextWindow: null,
      state: 'unavailable',
      isDefault: false,
    },
  ];
});
afterEach(() => open.close());

const get = async (path: string): Promise<unknown> => (await open.send('GET', path)).json();
const PLAIN = {
  temperature: 0.7,
  top_k: 40,
  top_p: 0.95,
  min_p: 0.05,
  repeat_penalty: 1.1,
  max_tokens: 1024,
  stop: [],
};

test('the models are listed with what each is', async () => {
  expect(await get('/api/models')).toEqual({
    models: [
      {
        alias: 'small',
        description: 'Quick',
        runs: 'local',
        context_window: 8192,
        state: 'loading',
        is_default: true,
        size_bytes: 98_000_000,
        progress: 0.5,
        loaded: false,
        license: 'Apache-2.0',
        parameters: { ...PLAIN, temperature: 0.2, stop: ['###'] },
      },
      {
        alias: 'big',
        description: '',
        runs: 'hosted',
        context_window: null,
        state: 'unavailable',
        is_default: false,
        size_bytes: null,
        progress: null,
        loaded: null,
        license: null,
        parameters: PLAIN,
      },
    ],
  });
});

test('what can be set is listed with its bounds, and what holds where nothing is', async () => {
  expect(await get('/api/options')).toEqual({
    personas: [
      { name: 'assistant', description: 'A helpful one' },
      { name: 'pirate', description: null },
    ],
    default_persona: 'assistant',
    languages: [
      { code: 'auto', name: 'As the question' },
      { code: 'en', name: 'English' },
      { code: 'zh', name: '中文' },
    ],
    default_language: 'auto',
    parameters: {
      temperature: { min: 0, max: 2, whole: false, default: 0.2 },
      top_k: { min: 0, max: 1000, whole: true, default: 40 },
      top_p: { min: 0, max: 1, whole: false, default: 0.95 },
      min_p: { min: 0, max: 1, whole: false, default: 0.05 },
      repeat_penalty: { min: 0.5, max: 2, whole: false, default: 1.1 },
      max_tokens: { min: 1, max: 32_768, whole: true, default: 1024 },
    },
    system_prompt_max: 8000,
  });
});
