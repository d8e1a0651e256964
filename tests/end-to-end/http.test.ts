import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SCRIPTED, startUnderTest, type UnderTest } from './parley-under-test.js';

describe('a question over HTTP, answered by a scripted model in the real engine', () => {
  let under: UnderTest;
  beforeAll(async () => {
    under = await startUnderTest();
  });
  afterAll(() => under.stop());

  test('comes back whole', async () => {
    const answer = await under.ask('Hello?');
    expect(answer).toMatchObject({ status: 200, answer: SCRIPTED, model: 'scripted', finish_reason: 'stop' });
    expect(answer['usage']).toMatchObject({ reply_tokens: expect.any(Number) });
  });

  test('survives a restart with its memory', async () => {
    const { conversation_id: id } = await under.ask('Remember this.');
    await under.restart();
    const history = await fetch(`${under.url}/api/conversations/${id}`);
    const { turns } = (await history.json()) as { turns: { message: { text: string }; reply: string }[] };
    expect(turns).toHaveLength(1);
  });
});
