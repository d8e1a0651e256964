import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ExpectedFailure } from '../../../../../src/domain/failure.js';
import {
  estimatePromptTokens,
  estimateTokens,
} from '../../../../../workers/providers/hosted/estimate-tokens.js';
import { completionsUrl } from '../../../../../workers/providers/hosted/hosted-endpoint.js';
import { DEFAULT_HOSTED_LIMITS } from '../../../../../workers/providers/hosted/hosted-limits.js';
import { refusedParameters } from '../../../../../workers/providers/hosted/request-body.js';
import { retryDelay } from '../../../../../workers/providers/hosted/retry-delay.js';

test.each([
  ['http://localhost:11434', 'http://localhost:11434/v1/chat/completions'],
  ['http://localhost:11434/', 'http://localhost:11434/v1/chat/completions'],
  ['https://api.openai.com/v1', 'https://api.openai.com/v1/chat/completions'],
  ['https://api.openai.com/v1//', 'https://api.openai.com/v1/chat/completions'],
  ['https://openrouter.ai/api/v1', 'https://openrouter.ai/api/v1/chat/completions'],
  ['https://models.test/v1beta/openai/', 'https://models.test/v1beta/openai/chat/completions'],
  ['https://models.test/v1/chat/completions', 'https://models.test/v1/chat/completions'],
  ['https://models.test/d/x?api-version=1#y', 'https://models.test/d/x/chat/completions?api-version=1'],
])('completions below %s are at %s', (base, url) => {
  expect(completionsUrl(base).href).toBe(url);
});

test('the pause between tries grows, has a limit, and is never below what was asked for', () => {
  const failure = fc.option(fc.integer({ min: 0, max: 20_000 }), { nil: undefined });
  fc.assert(
    fc.property(
      failure,
      fc.integer({ min: 1, max: 9 }),
      fc.double({ min: 0, max: 0.99, noNaN: true }),
      (retryAfterMs, tries, random) => {
        const limits = { ...DEFAULT_HOSTED_LIMITS, retries: 9, retryWithinMs: 1e9 };
        const error = new ExpectedFailure(
          'provider-unavailable',
          'x',
          retryAfterMs === undefined ? {} : { retryAfterMs },
        );
        const wait = retryDelay(error, tries, 0, limits, random) ?? -1;
        const step = Math.min(limits.backoffMs * 2 ** (tries - 1), limits.backoffCapMs);
        expect(wait).toBeGreaterThanOrEqual(Math.max(step / 2, retryAfterMs ?? 0) - 1);
        expect(wait).toBeLessThanOrEqual(Math.max(step, retryAfterMs ?? 0) + 1);
      },
    ),
  );
});

describe('a parameter that an endpoint minds', () => {
  const sent = {
    model: 'm',
    messages: [],
    top_k: 1,
    min_p: 1,
    repetition_penalty: 1,
    repeat_penalty: 1,
    seed: 1,
    stop: ['x'],
    temperature: 1,
    max_tokens: 1,
    stream_options: {},
  };
  const extensions = ['top_k', 'min_p', 'repetition_penalty', 'repeat_penalty'];
  test.each<[string, number, string, string[]]>([
    [
      'OpenAI',
      400,
      `{"error":{"message":"Unknown parameter: 'top_k'.","code":"unknown_parameter","param":"top_k"}}`,
      ['top_k'],
    ],
    [
      'OpenAI before',
      400,
      '{"error":{"message":"Unrecognized request argument supplied: min_p"}}',
      ['min_p'],
    ],
    [
      'OpenAI, reasoning models',
      400,
      `{"error":{"message":"Unsupported value: 'temperature' does not support 0.7 with this model. Only the default (1) value is supported.","param":"temperature"}}`,
      ['temperature'],
    ],
    [
      'OpenAI, longest reply',
      400,
      `{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."}}`,
      ['max_tokens'],
    ],
    [
      'Mistral',
      422,
      '{"detail":[{"type":"extra_forbidden","loc":["body","seed"],"msg":"Extra inputs are not permitted"}]}',
      ['seed'],
    ],
    ['Groq', 400, `{"error":{"message":"property 'top_k' is unsupported"}}`, ['top_k']],
    [
      'Gemini',
      400,
      '{"error":{"message":"Invalid JSON payload received. Unknown name \\"repeat_penalty\\": Cannot find field."}}',
      ['repeat_penalty'],
    ],
    ['several', 400, 'unexpected fields: top_k, min_p', ['top_k', 'min_p']],
    ['one that does not say which', 400, 'unsupported parameter', extensions],
    ['one that speaks of stopping', 400, '{"error":"unsupported: we had to stop"}', []],
    ['another error', 400, '{"error":"temperature must be positive"}', []],
    ['another status', 401, 'unknown parameter top_k', []],
  ])('is found in the words of %s', (_name, status, body, expected) => {
    expect(refusedParameters(status, body, sent)).toEqual(expected);
  });
});

describe('the estimate of tokens', () => {
  // Counted with the vocabulary of SmolLM2-135M-Instruct, the repeated ones rounded up.
  test.each([
    ['Hello, how are you doing today?', 8],
    ['The quick brown fox jumps over the lazy dog.', 10],
    ['1234567890', 10],
    ['3.14159265358979 2026-01-02 ', 28],
    ['!!!???', 3],
    ['const a = b ? c[0] : { d: "e" };', 18],
    [
      'Die Geschwindigkeitsbegrenzung auf der Autobahn wird überschätzt, möglicherweise sogar größtenteils. ',
      45,
    ],
    ['Zażółć gęślą jaźń. Chrząszcz brzmi w trzcinie w Szczebrzeszynie. ', 44],
    ['人工智能正在改变我们的生活方式,请问你今天过得怎么样?', 47],
    ['xqzvk brrptk wzjxq mnbvc plkjh gfdsa qwrtp ', 30],
  ])('of %j is at least %d', (text, tokens) => {
    expect(estimateTokens(text)).toBeGreaterThanOrEqual(tokens);
  });

  test('counts all bytes of Chinese, Japanese, Korean and emoji: no tokenizer makes more of them', () => {
    for (const text of ['你好世界', 'こんにちは', '안녕하세요', '👩‍🚀🎉']) {
      expect(estimateTokens(text)).toBe(Buffer.byteLength(text));
    }
  });

  test('is within the bytes of a text, and no text is free', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        expect(estimateTokens(text)).toBeLessThanOrEqual(Buffer.byteLength(text));
        if (text.trim() !== '') expect(estimateTokens(text)).toBeGreaterThan(0);
      }),
    );
  });

  test('grows with every message, an empty one too', () => {
    const one = estimatePromptTokens([{ role: 'user', content: '' }]);

    expect(one).toBeGreaterThan(estimatePromptTokens([]));
    expect(estimatePromptTokens([{ role: 'user', content: 'word' }])).toBeGreaterThan(one);
  });
});
