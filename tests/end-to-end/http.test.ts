import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../doubles/eventually.js';
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

  test('leaves its model in memory, which is told', async () => {
    await under.ask('Hello?');
    const listed = async () =>
      (await (await fetch(`${under.url}/api/models`)).json()) as { models: object[] };
    // Where workers report how their models are, they do so every second.
    await eventually(async () =>
      expect((await listed()).models).toContainEqual(
        expect.objectContaining({ alias: 'scripted', state: 'ready', loaded: true }),
      ),
    );
    // In a fleet nobody is to download it on being asked.
    const absent = under.redisUrl ? 'unavailable' : 'not-downloaded';
    expect((await listed()).models).toContainEqual(
      expect.objectContaining({ alias: 'small', state: absent, loaded: false }),
    );
  });

  test('is answered to the official client of the OpenAI API, and not remembered', async () => {
    const client = new OpenAI({ apiKey: 'none', baseURL: `${under.url}/v1`, maxRetries: 0 });
    const messages = [{ role: 'user' as const, content: 'Hello?' }];
    const whole = await client.chat.completions.create({ model: 'scripted', messages });
    expect(whole.choices[0]?.message.content).toBe(SCRIPTED);
    expect(whole.usage?.completion_tokens).toBeGreaterThan(0);
    let streamed = '';
    for await (const chunk of await client.chat.completions.create({
      model: 'scripted',
      messages,
      stream: true,
    }))
      streamed += chunk.choices[0]?.delta.content ?? '';
    expect(streamed).toBe(SCRIPTED);
  });

  test('survives a restart with its memory', async () => {
    const { conversation_id: id } = await under.ask('Remember this.');
    await under.restart();
    const history = await fetch(`${under.url}/api/conversations/${id}`);
    const { turns } = (await history.json()) as { turns: { question: string; answer: string }[] };
    expect(turns).toEqual([expect.objectContaining({ question: 'Remember this.', answer: SCRIPTED })]);
  });
});

test('a question over HTTP streams, word by word, and ends with the whole answer', async () => {
  const under = await startUnderTest();
  try {
    const response = await fetch(`${under.url}/api/question`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ question: 'Hello?', user_id: 'ada' }),
    });
    const events = (await response.text())
      .split('\n\n')
      .flatMap((event) => [/^event: (\w+)\ndata: (.*)$/m.exec(event)?.slice(1)])
      .filter((event) => event !== undefined);
    const deltas = events.filter(([name]) => name === 'delta').map(([, data]) => JSON.parse(data ?? '').text);
    expect(deltas.join('')).toBe(SCRIPTED);
    const [last, data] = events.at(-1) ?? [];
    expect(last).toBe('done');
    expect(JSON.parse(data ?? '')).toMatchObject({ answer: SCRIPTED, finish_reason: 'stop' });
  } finally {
    await under.stop();
  }
});
