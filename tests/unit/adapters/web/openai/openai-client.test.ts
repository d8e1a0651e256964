import OpenAI, { APIError } from 'openai';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openWeb } from '../open-web.js';
import { reply } from '../scripted-bot.js';

const KEY = 'right-key';
const ASK = { model: 'small', messages: [{ role: 'user', content: 'Why?' }] } as const;
type Ask = OpenAI.ChatCompletionCreateParamsNonStreaming;

async function opened(apiKey = KEY) {
  const open = await openWeb({ apiKey: KEY });
  onTestFinished(() => open.close());
  open.bot.onAccepted = (turn) => turn.end(reply('Because.'));
  return { ...open, client: new OpenAI({ apiKey, baseURL: `${open.url}/v1`, maxRetries: 0 }) };
}

const refused = async (call: Promise<unknown>): Promise<APIError> => {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof APIError) return error;
  throw new Error('was not refused');
};

describe('the official client', () => {
  test('gets an answer with its usage', async () => {
    const { client, clock } = await opened();
    const answer = await client.chat.completions.create({ ...ASK, messages: [...ASK.messages] });
    expect(answer).toMatchObject({
      id: 'chatcmpl-101',
      object: 'chat.completion',
      created: Math.floor(clock.now() / 1000),
      model: 'small',
      usage: { prompt_tokens: 12, completion_tokens: 7, total_tokens: 19 },
    });
    expect(answer.choices).toEqual([
      {
        index: 0,
        message: { role: 'assistant', content: 'Because.', refusal: null },
        logprobs: null,
        finish_reason: 'stop',
      },
    ]);
  });

  test('streams an answer: a role, the text, a reason, and the usage where asked for', async () => {
    const { client, bot } = await opened();
    bot.onAccepted = () => {};
    const stream = await client.chat.completions.create({
      ...ASK,
      messages: [...ASK.messages],
      stream: true,
      stream_options: { include_usage: true },
    });
    const turn = await bot.turn(0);
    await turn.watchedBy(1);
    await turn.write('Be');
    turn.end(reply('Because.', { finishReason: 'length' }));
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks[0]?.choices[0]?.delta).toEqual({ role: 'assistant', content: '' });
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('Because.');
    expect(chunks.at(-2)?.choices[0]).toMatchObject({ delta: {}, finish_reason: 'length' });
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 19 } });
    expect(new Set(chunks.map(({ id }) => id))).toEqual(new Set(['chatcmpl-101']));
  });

  test('lists models, and reads one', async () => {
    const { client, bot } = await opened();
    const summary = { description: '', contextWindow: 4096, state: 'ready', isDefault: true } as const;
    bot.models = [{ ...summary, alias: 'small', runs: 'local' }];
    const { data } = await client.models.list();
    expect(data).toEqual([{ id: 'small', object: 'model', created: 0, owned_by: 'local' }]);
    expect(await client.models.retrieve('small')).toMatchObject({ object: 'model' });
    expect(await refused(client.models.retrieve('huge'))).toMatchObject({
      status: 404,
      code: 'model_not_found',
      param: 'model',
    });
  });

  test('is told that its key is wrong', async () => {
    const { client } = await opened('wrong-key');
    const error = await refused(client.chat.completions.create({ ...ASK, messages: [...ASK.messages] }));
    expect(error).toMatchObject({ status: 401, code: 'invalid_api_key', type: 'invalid_request_error' });
  });

  test('is told to wait, and how long', async () => {
    const { client, bot } = await opened();
    bot.refusal = { type: 'refused', reason: 'turn-limit', text: 'Slow down.', retryAfterMs: 60_000 };
    const error = await refused(client.chat.completions.create({ ...ASK, messages: [...ASK.messages] }));
    expect(error).toMatchObject({ status: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded' });
    expect(error.headers?.get('retry-after')).toBe('60');
  });

  test('is told of a model that is not there', async () => {
    const { client, bot } = await opened();
    bot.refusal = { type: 'refused', reason: 'unknown-model', text: 'There are small and large.' };
    const error = await refused(client.chat.completions.create({ ...ASK, messages: [...ASK.messages] }));
    expect(error).toMatchObject({ status: 404, code: 'model_not_found', param: 'model' });
  });

  test('is told in the stream of an answer that failed', async () => {
    const { client, bot } = await opened();
    bot.onAccepted = (turn) =>
      turn.end({ state: 'failed', kind: 'context-overflow', notice: 'Too long for the model.' });
    const stream = await client.chat.completions.create({
      ...ASK,
      messages: [...ASK.messages],
      stream: true,
    });
    const read = (async () => {
      for await (const _chunk of stream);
    })();
    expect(await refused(read)).toMatchObject({ code: 'context_length_exceeded' });
  });

  test('cannot be sent an answer that began anew: the stream ends with what to do', async () => {
    const { client, bot } = await opened();
    bot.onAccepted = () => {};
    const stream = await client.chat.completions.create({
      ...ASK,
      messages: [...ASK.messages],
      stream: true,
    });
    const turn = await bot.turn(0);
    await turn.watchedBy(1);
    const texts: string[] = [];
    const read = (async () => {
      for await (const chunk of stream) {
        texts.push(chunk.choices[0]?.delta.content ?? '');
        if (texts.at(-1) === 'Be') turn.end(reply('Other.'));
      }
    })();
    await turn.write('Be');
    expect((await refused(read)).message).toContain('ask again');
    expect(texts.join('')).toBe('Be');
  });

  test.each([true, false])(
    'that goes away stops its answer, and nothing of it stays (stream: %j)',
    async (stream) => {
      const { client, bot } = await opened();
      bot.onAccepted = () => {};
      const controller = new AbortController();
      const asked = client.chat.completions.create(
        { ...ASK, messages: [...ASK.messages], stream },
        { signal: controller.signal },
      );
      const gone = Promise.resolve(asked).then(
        () => 'answered',
        () => 'gone',
      );
      const turn = await bot.turn(0);
      await turn.watchedBy(1);
      controller.abort();
      await gone;
      await turn.watchedBy(0);
      await expect.poll(() => [bot.stopped, bot.cleared]).toEqual([[101], [1]]);
    },
  );
});

describe('what was asked', () => {
  test('becomes the prompt, with nothing in memory, and is forgotten once it is answered', async () => {
    const { client, bot } = await opened();
    await client.chat.completions.create({
      ...ASK,
      messages: [
        { role: 'developer', content: 'Be brief.' },
        { role: 'system', content: 'Be kind.' },
        { role: 'user', content: 'Hi.' },
        { role: 'assistant', content: 'Hello.' },
        { role: 'user', content: [{ type: 'text', text: 'Why?' }] },
      ],
      temperature: 0.1,
      top_p: 0.9,
      max_completion_tokens: 1_000_000,
      seed: -1,
      stop: 'END',
      user: 'ann',
    });
    expect(bot.turns[0]?.message).toMatchObject({
      text: '',
      model: 'small',
      author: { key: 'web/ann' },
      prompt: [
        { role: 'system', content: 'Be brief.\n\nBe kind.' },
        { role: 'user', content: 'Hi.' },
        { role: 'assistant', content: 'Hello.' },
        { role: 'user', content: 'Why?' },
      ],
      sampling: { temperature: 0.1, topP: 0.9, maxTokens: 32_768, seed: 4_294_967_295, stop: ['END'] },
    });
    expect(bot.cleared).toEqual([1]);
  });

  test('each call is a conversation of its own', async () => {
    const { client, bot } = await opened();
    for (let i = 0; i < 2; i++) await client.chat.completions.create({ ...ASK, messages: [...ASK.messages] });
    expect(new Set(bot.turns.map(({ message }) => message.address.channel)).size).toBe(2);
  });

  test('what a dead process left is looked for once an hour', async () => {
    const { client, bot, clock } = await opened();
    const ask = () => client.chat.completions.create({ ...ASK, messages: [...ASK.messages] });
    for (let i = 0; i < 2; i++) await ask();
    expect(bot.clearedGiven).toEqual([3_600_000]);
    clock.jump(3_600_000);
    await ask();
    expect(bot.clearedGiven).toHaveLength(2);
  });

  test.each<[string, object]>([
    ['n', { n: 2 }],
    ['tools', { tools: [{ type: 'function', function: { name: 'f' } }] }],
    ['functions', { functions: [{ name: 'f' }] }],
    ['logprobs', { logprobs: true }],
    ['modalities', { modalities: ['text', 'audio'] }],
    ['response_format.type', { response_format: { type: 'json_object' } }],
    [
      'messages.0.content.0',
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }] },
    ],
    ['messages.0.role', { messages: [{ role: 'tool', content: 'x' }] }],
    ['messages', { messages: [] }],
    ['messages', { messages: [{ role: 'assistant', content: 'x' }] }],
    ['messages', { messages: [{ role: 'user', content: ' ' }] }],
    ['messages', { messages: Array.from({ length: 1_001 }, () => ASK.messages[0]) }],
    ['temperature', { temperature: 2.1 }],
    ['max_tokens', { max_tokens: 0 }],
    ['stop', { stop: Array.from({ length: 9 }, () => 'x') }],
    ['user', { user: 'x'.repeat(129) }],
  ])('is refused where %s is not to be had: %j', async (param, changes) => {
    const { client, bot } = await opened();
    const error = await refused(client.chat.completions.create({ ...ASK, ...changes } as object as Ask));
    expect(error).toMatchObject({ status: 400, type: 'invalid_request_error', param });
    expect(error.message).toContain(param);
    expect(bot.turns).toEqual([]);
  });

  test('has fields that nobody knows, which are let be', async () => {
    const { client } = await opened();
    const more = { frequency_penalty: 1, metadata: { a: 'b' }, whatever: true, n: 1, tools: [] };
    expect(await client.chat.completions.create({ ...ASK, ...more } as object as Ask)).toHaveProperty(
      'choices',
    );
  });

  test('is refused as too large above 256 kB', async () => {
    const { client } = await opened();
    const messages = [{ role: 'user' as const, content: 'x'.repeat(256 * 1024) }];
    expect(await refused(client.chat.completions.create({ ...ASK, messages }))).toMatchObject({
      status: 413,
    });
  });
});
