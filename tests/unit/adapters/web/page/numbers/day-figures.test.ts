import { expect, test } from 'vitest';
import type { Numbers } from '../../../../../../adapters/web/page/api/api-types.js';
import { dayFigures } from '../../../../../../adapters/web/page/numbers/day-figures.js';
import type { DayNumbers } from '../../../../../../adapters/web/page/numbers/numbers.js';

const day = (name: string, more: Partial<DayNumbers> = {}): DayNumbers => ({
  ...{ day: name, turns: 3, failed: 1, users: 2, conversations: 1, tokens_per_second: 40 },
  ...{ prompt_tokens: 100, cached_tokens: 25, reply_tokens: 10, replaced_tokens: 0 },
  ...{ first_token_ms: { p50: 100, p95: 900 }, first_text_ms: null, conversation_turns: null },
  ...more,
});

const body: Numbers = {
  ...{ from: '2026-03-01', to: '2026-03-03', platform: null, model: null, rolled_up_to: null },
  ...{ currency: 'EUR', users: 2, conversations: 1, conversation_length: null, people: null },
  ...{ models: [], outcomes: [], feedback: [], choices: { platforms: [], models: [] } },
  ...{ first_token_ms: null, first_text_ms: null, conversation_turns: null },
  days: [
    day('2026-03-01'),
    day('2026-03-03', { prompt_tokens: 0, cached_tokens: 0, tokens_per_second: null }),
  ],
  platforms: [
    { day: '2026-03-01', platform: 'slack', turns: 1, users: 1 },
    { day: '2026-03-01', platform: 'web', turns: 2, users: 1 },
    { day: '2026-03-03', platform: 'web', turns: 3, users: 2 },
  ],
};

const lines = (key: string) =>
  dayFigures(body, '2026-03-01', '2026-03-03')
    .find((figure) => figure.key === key)
    ?.lines.map(({ name, values }) => [name, ...values]);

test('platforms have a line each, the busiest first, at nothing where nothing was asked', () => {
  expect(lines('turns')).toEqual([
    ['web', 2, 0, 3],
    ['slack', 1, 0, 0],
  ]);
  expect(lines('users')).toEqual([
    ['web', 1, 0, 2],
    ['slack', 1, 0, 0],
  ]);
});

test('a day without turns has no times, no speed and no cache hits, but nothing failed on it', () => {
  expect(lines('firstToken')).toEqual([
    ['Half of them', 100, null, 100],
    ['95 of 100', 900, null, 900],
  ]);
  expect(lines('speed')).toEqual([['Tokens a second', 40, null, null]]);
  expect(lines('cache')).toEqual([['Cache hits', 0.25, null, null]]);
  expect(lines('failed')).toEqual([['Failed', 1, 0, 1]]);
});

test('every figure has a value for every day', () => {
  for (const figure of dayFigures(body, '2026-02-27', '2026-03-05')) {
    expect(figure.days).toHaveLength(7);
    for (const line of figure.lines) expect(line.values, figure.key).toHaveLength(7);
  }
});
