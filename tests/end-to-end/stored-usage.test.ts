import { expect, test } from 'vitest';
import { startUnderTest } from './parley-under-test.js';

interface StoredTurn {
  readonly state: string;
  readonly model: string;
  readonly finish_reason: string;
  readonly prompt_tokens: number;
  readonly cached_tokens: number;
  readonly reply_tokens: number;
  readonly time_to_first_token_ms: number;
  readonly tokens_per_second: number;
}

test('of each turn its tokens, times and finish reason are stored, as the engine counted them', async () => {
  const under = await startUnderTest();
  try {
    const ask = (question: string, more = {}) => under.ask(question, { conversation_id: 'counted', ...more });
    const first = await ask('Hello?');
    const second = await ask('And then?', { parameters: { max_tokens: 5 } });
    const rows = (await under.readDatabase(
      `SELECT state, model, finish_reason, prompt_tokens, cached_tokens, reply_tokens,
              time_to_first_token_ms, tokens_per_second FROM turn ORDER BY id`,
    )) as unknown as readonly StoredTurn[];
    const stored = rows.map(({ prompt_tokens, cached_tokens, reply_tokens }) => ({
      prompt_tokens,
      cached_tokens,
      reply_tokens,
    }));
    expect(stored).toEqual([first['usage'], second['usage']].map((usage) => expect.objectContaining(usage)));
    const [one, two] = rows;
    expect(one).toMatchObject({ state: 'done', model: 'scripted', finish_reason: 'stop', cached_tokens: 0 });
    expect(two).toMatchObject({ state: 'done', model: 'scripted', finish_reason: 'length', reply_tokens: 5 });
    // The second prompt begins with the first one and its reply, which are not evaluated again.
    expect(two?.cached_tokens).toBeGreaterThanOrEqual(one?.prompt_tokens ?? Number.POSITIVE_INFINITY);
    expect(two?.prompt_tokens).toBeGreaterThan(two?.cached_tokens ?? Number.POSITIVE_INFINITY);
    for (const row of rows) {
      expect(row.time_to_first_token_ms).toBeGreaterThan(0);
      expect(row.tokens_per_second).toBeGreaterThan(0);
    }
  } finally {
    await under.stop();
  }
});
