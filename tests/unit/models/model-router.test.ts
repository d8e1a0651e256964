import { beforeEach, describe, expect, test } from 'vitest';
import { ExpectedFailure, type FailureKind } from '../../../src/domain/failure.js';
import { DEFAULT_SAMPLING } from '../../../src/domain/sampling.js';
import { createModelRouter, type RouterEntry } from '../../../src/models/router/model-router.js';
import type { ModelProvider } from '../../../src/ports/model-provider.js';
import type { RoutedModel, RoutedPart, RoutedRequest } from '../../../src/ports/model-router.js';
import { FakeClock } from '../../doubles/fake-clock.js';
import { RecordedLog } from '../../doubles/recorded-log.js';
import { ScriptedProvider } from '../../doubles/scripted-provider.js';

const never = new AbortController().signal;
let log: RecordedLog;
beforeEach(() => {
  log = new RecordedLog();
});

function entry(alias: string, over: Partial<RouterEntry> = {}): RouterEntry {
  return { alias, description: alias, runs: 'hosted', provider: alias, model: `org/${alias}`, ...over };
}

function router(providers: Record<string, ModelProvider>, entries?: readonly RouterEntry[]) {
  const aliases = Object.keys(providers);
  return createModelRouter({
    entries:
      entries ?? aliases.map((alias, at) => entry(alias, { fallbacks: aliases.slice(at + 1, at + 2) })),
    defaultAlias: entries?.[0]?.alias ?? aliases[0] ?? '',
    providers: new Map(Object.entries(providers)),
    log,
    clock: new FakeClock(),
    random: () => 0.5,
  });
}

function request(over: Partial<RoutedRequest> = {}): RoutedRequest {
  return {
    alias: 'large',
    overrides: {},
    cacheKey: 'c1',
    prompt: async () => [{ role: 'user', content: 'Hi' }],
    ...over,
  };
}

async function collect(stream: AsyncIterable<RoutedPart>): Promise<RoutedPart[]> {
  const parts: RoutedPart[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

/** What was shown before the end, and the error that ended it. */
async function collectUntilError(stream: AsyncIterable<RoutedPart>) {
  const parts: RoutedPart[] = [];
  try {
    for await (const part of stream) parts.push(part);
  } catch (error) {
    return { parts, error };
  }
  return { parts, error: null };
}

const textOf = (parts: readonly RoutedPart[]) =>
  parts.map((part) => (part.type === 'delta' ? part.text : '')).join('');
const failure = (kind: FailureKind, message = 'down') => new ExpectedFailure(kind, message);

describe('an answer', () => {
  test('is announced with its alias and parameters before the first text, and ends with one finish', async () => {
    const large = new ScriptedProvider([{ deltas: ['Good', ' day'], queued: [2, 1] }]);
    const parts = await collect(
      router({ large }, [entry('large', { sampling: { temperature: 0.2, topK: 7 } })]).stream(
        request({ overrides: { topK: 9 } }),
        never,
      ),
    );

    expect(parts.map((part) => part.type)).toEqual(['queued', 'queued', 'model', 'delta', 'finish']);
    expect(parts[2]).toEqual({
      type: 'model',
      alias: 'large',
      sampling: { ...DEFAULT_SAMPLING, temperature: 0.2, topK: 9 },
    });
    expect(textOf(parts)).toBe('Good day');
    expect(large.requests[0]).toMatchObject({ model: 'org/large', cacheKey: 'c1', sampling: { topK: 9 } });
  });

  test('is made from a prompt that knows the model', async () => {
    let seen: RoutedModel | undefined;
    let counted = 0;
    const prompt = async (model: RoutedModel) => {
      seen = model;
      counted = await model.countTokens([{ role: 'user', content: 'four' }]);
      return [{ role: 'user' as const, content: 'Hi' }];
    };
    await collect(
      router({ large: new ScriptedProvider(['ok then'], 1234) }).stream(request({ prompt }), never),
    );

    expect(seen).toMatchObject({ alias: 'large', contextWindow: 1234, sampling: DEFAULT_SAMPLING });
    expect(counted).toBe(4);
  });

  test('has no hidden reasoning in it, however it is cut', async () => {
    const large = new ScriptedProvider([
      { deltas: ['<thi', 'nk>hm', 'm</th', 'ink>\n', '\nIt is', ' blue.'] },
    ]);

    expect(textOf(await collect(router({ large }).stream(request(), never)))).toBe('It is blue.');
  });

  test('that loops is ended as too long, and the model let go', async () => {
    const deltas = ['Well', ' then', ...Array<string>(1000).fill(' no')];
    const large = new ScriptedProvider([{ deltas }]);
    const parts = await collect(router({ large }).stream(request(), never));

    expect(parts.at(-1)).toMatchObject({
      type: 'finish',
      reason: 'length',
      usage: { prompt: 2, reply: 258 },
    });
    expect(textOf(parts)).toHaveLength('Well then'.length + 256 * ' no'.length);
    expect(large.left).toBe(1);
  });
});

describe('falling back', () => {
  test.each<FailureKind>([
    'provider-unavailable',
    'provider-overloaded',
    'provider-rejected',
    'model-missing',
    'context-overflow',
  ])('happens on %s, with a prompt made anew', async (kind) => {
    const asked: string[] = [];
    const models = {
      large: new ScriptedProvider([failure(kind)]),
      small: new ScriptedProvider(['From small.']),
    };
    const parts = await collect(
      router(models).stream(
        request({
          prompt: async ({ alias }) => {
            asked.push(alias);
            return [{ role: 'user', content: alias }];
          },
        }),
        never,
      ),
    );

    expect(textOf(parts)).toBe('From small.');
    expect(parts.filter((part) => part.type === 'model')).toMatchObject([{ alias: 'small' }]);
    expect(asked).toEqual(['large', 'small']);
    expect(models.small.requests[0]?.prompt).toEqual([{ role: 'user', content: 'small' }]);
    expect(log.lines).toMatchObject([{ level: 'warn', fields: { alias: 'large', kind, next: 'small' } }]);
  });

  test('happens where the model cannot even say its window', async () => {
    const models = {
      large: new ScriptedProvider(['unused'], failure('model-missing')),
      small: new ScriptedProvider(['From small.']),
    };

    expect(textOf(await collect(router(models).stream(request(), never)))).toBe('From small.');
  });

  test('does not happen once text was shown', async () => {
    const broken = failure('provider-unavailable', 'cut off');
    const small = new ScriptedProvider(['From small.']);
    const large = new ScriptedProvider([{ deltas: ['Half', ' an', ' answer'], end: broken }]);
    const { parts, error } = await collectUntilError(router({ large, small }).stream(request(), never));

    expect(error).toBe(broken);
    expect(textOf(parts)).toBe('Half an answer');
    expect(small.requests).toEqual([]);
  });

  test('does happen where only reasoning or a held token was there', async () => {
    const cutOff = failure('provider-unavailable', 'cut off');
    const large = new ScriptedProvider([{ deltas: ['<think>', 'hm', '</think>', 'So'], end: cutOff }]);
    const small = new ScriptedProvider(['From small.']);

    expect(textOf(await collect(router({ large, small }).stream(request(), never)))).toBe('From small.');
  });

  test.each<FailureKind>(['bad-input', 'setup'])('does not happen on %s', async (kind) => {
    const bad = failure(kind, 'too long');
    const small = new ScriptedProvider(['From small.']);
    const prompt = async () => {
      throw bad;
    };
    const { error } = await collectUntilError(
      router({ large: new ScriptedProvider(['x']), small }).stream(request({ prompt }), never),
    );

    expect(error).toBe(bad);
    expect(small.requests).toEqual([]);
  });

  test('does not hide a bug', async () => {
    const bug = new TypeError('x is not a function');
    const models = { large: new ScriptedProvider([bug]), small: new ScriptedProvider(['From small.']) };

    expect((await collectUntilError(router(models).stream(request(), never))).error).toBe(bug);
  });

  test('that finds nobody fails as the first one did, and says who was tried and why', async () => {
    const models = {
      large: new ScriptedProvider([new ExpectedFailure('provider-rejected', 'api.test answered 401')]),
      small: new ScriptedProvider([
        new ExpectedFailure('provider-overloaded', 'no free slot', { retryAfterMs: 4000 }),
      ]),
    };
    const { error } = await collectUntilError(router(models).stream(request(), never));

    expect(error).toMatchObject({
      name: 'ExpectedFailure',
      kind: 'provider-rejected',
      message: 'no answer from large (api.test answered 401), then small (no free slot)',
      retryable: true,
      retryAfterMs: 4000,
    });
  });
});

describe('an empty answer', () => {
  const EMPTY = [
    ['nothing', { deltas: [] }],
    ['whitespace', { deltas: [' ', '\n\n'] }],
    ['one token over and over', { deltas: Array<string>(500).fill('!') }],
    ['reasoning that never ends', { deltas: ['<think>', 'so', ' many', ' thoughts'], end: 'length' }],
  ] as const;

  test.each(EMPTY)('of %s is asked for once more, with another seed', async (_name, empty) => {
    const large = new ScriptedProvider([empty, 'Here you are.']);
    const parts = await collect(router({ large }).stream(request({ overrides: { seed: 41 } }), never));

    expect(textOf(parts)).toBe('Here you are.');
    expect(large.requests.map(({ sampling }) => sampling.seed)).toEqual([41, 42]);
    expect(parts.find((part) => part.type === 'model')).toMatchObject({ sampling: { seed: 42 } });
  });

  test.each(EMPTY)('of %s twice goes to the fallback', async (_name, empty) => {
    const models = { large: new ScriptedProvider([empty]), small: new ScriptedProvider(['From small.']) };
    const parts = await collect(router(models).stream(request(), never));

    expect(textOf(parts)).toBe('From small.');
    expect(models.large.requests).toHaveLength(2);
    expect(models.large.requests[1]?.sampling.seed).toBe(2 ** 31);
  });

  test('from everyone ends in a clear failure', async () => {
    const { parts, error } = await collectUntilError(
      router({ large: new ScriptedProvider(['']) }).stream(request(), never),
    );

    expect(parts).toEqual([]);
    expect(error).toMatchObject({ kind: 'empty-answer', message: 'no answer from large (said nothing)' });
  });

  test('made by a content filter is not asked for again', async () => {
    const large = new ScriptedProvider([{ deltas: [], end: 'content-filter' }]);
    const { error } = await collectUntilError(router({ large }).stream(request(), never));

    expect(error).toMatchObject({ kind: 'provider-rejected' });
    expect(large.requests).toHaveLength(1);
  });

  test('lets a degenerate model go at once', async () => {
    const large = new ScriptedProvider([{ deltas: Array<string>(500).fill('!') }]);
    await collectUntilError(router({ large }).stream(request(), never));

    expect(large.left).toBe(2);
  });
});

describe('a model whose template opens the reasoning', () => {
  const unopened = { deltas: ['I wonder', ' whether', '</think>', 'It is', ' blue.'] };

  test('is known by its configuration', async () => {
    const large = new ScriptedProvider([unopened]);
    const routed = router({ large }, [entry('large', { beginsInReasoning: true })]);

    expect(textOf(await collect(routed.stream(request(), never)))).toBe('It is blue.');
  });

  test('is known by its name', async () => {
    const large = new ScriptedProvider([unopened]);
    const routed = router({ large }, [entry('large', { model: 'deepseek-ai/DeepSeek-R1' })]);

    expect(textOf(await collect(routed.stream(request(), never)))).toBe('It is blue.');
  });

  test('is known after its first answer', async () => {
    const routed = router({ large: new ScriptedProvider([unopened]) });
    await collect(routed.stream(request(), never));

    expect(textOf(await collect(routed.stream(request(), never)))).toBe('It is blue.');
  });

  test('streams again once its server turns out to take the reasoning away', async () => {
    const large = new ScriptedProvider(['It is blue.']);
    const routed = router({ large }, [entry('large', { model: 'deepseek-ai/DeepSeek-R1' })]);
    const first = await collect(routed.stream(request(), never));
    const second = await collect(routed.stream(request(), never));

    expect(first.filter((part) => part.type === 'delta')).toHaveLength(1);
    expect(second.filter((part) => part.type === 'delta')).toHaveLength(2);
    expect([textOf(first), textOf(second)]).toEqual(['It is blue.', 'It is blue.']);
  });
});

describe('an abort', () => {
  test.each(['before', 'while the prompt is made', 'at the first text'])(
    '%s throws its reason',
    async (when) => {
      const stopper = new AbortController();
      const reason = new Error('stop pressed');
      const small = new ScriptedProvider(['From small.']);
      if (when === 'before') stopper.abort(reason);
      const stream = router({ large: new ScriptedProvider(['One two three']), small }).stream(
        request({
          prompt: async () => {
            if (when === 'while the prompt is made') stopper.abort(reason);
            return [{ role: 'user', content: 'Hi' }];
          },
        }),
        stopper.signal,
      );
      const read = async () => {
        for await (const part of stream) if (part.type === 'delta') stopper.abort(reason);
      };

      await expect(read()).rejects.toBe(reason);
      expect(small.requests).toEqual([]);
    },
  );
});

describe('the list of models', () => {
  test('says what people choose from, and windows once they are known', async () => {
    const large = new ScriptedProvider(['ok then'], 777);
    const routed = createModelRouter({
      entries: [entry('large', { runs: 'local', description: 'Big' }), entry('fixed', { contextWindow: 99 })],
      defaultAlias: 'fixed',
      providers: new Map([
        ['large', large],
        ['fixed', large],
      ]),
      state: (alias) => (alias === 'large' ? 'loading' : 'ready'),
      log,
      clock: new FakeClock(),
    });
    const big = { alias: 'large', description: 'Big', runs: 'local', state: 'loading', isDefault: false };
    const fixed = { alias: 'fixed', contextWindow: 99, state: 'ready', isDefault: true };

    expect(routed.models()).toMatchObject([{ ...big, contextWindow: null }, fixed]);
    await collect(routed.stream(request(), never));
    expect(routed.models()).toMatchObject([{ ...big, contextWindow: 777 }, fixed]);
  });

  test('an alias that is none is refused by name', async () => {
    const routed = router({ large: new ScriptedProvider(['x']) });

    expect(routed.has('large')).toBe(true);
    expect(routed.has('huge')).toBe(false);
    await expect(collect(routed.stream(request({ alias: 'huge' }), never))).rejects.toMatchObject({
      kind: 'bad-input',
      message: 'there is no model "huge"',
    });
  });

  test('a provider that is not set up, and a default that is no model, stop the start', () => {
    expect(() => router({}, [entry('large')])).toThrow('what runs the model "large" is not set up');
    expect(() => router({})).toThrow('the default model "" is no model here');
  });
});
