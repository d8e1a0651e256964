import { describe, expect, test } from 'vitest';
import { ExpectedFailure } from '../../../src/domain/failure.js';
import { ScriptedProvider } from '../../doubles/scripted-provider.js';
import { collect, collectUntilError, entry, never, request, router, textOf } from './open-router.js';

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

describe('an answer that breaks off', () => {
  const cutOff = new ExpectedFailure('provider-unavailable', 'cut off');
  const UNSEEN = [
    ['after one token', { deltas: ['So'], end: cutOff }],
    ['in its reasoning', { deltas: ['<think>', 'so', ' many'], end: cutOff }],
  ] as const;

  test.each(UNSEEN)('%s is asked for once more, as it was', async (_name, broken) => {
    const large = new ScriptedProvider([broken, 'Here you are.']);
    const parts = await collect(router({ large }).stream(request({ overrides: { seed: 41 } }), never));

    expect(textOf(parts)).toBe('Here you are.');
    expect(large.requests.map(({ sampling }) => sampling.seed)).toEqual([41, 41]);
  });

  test('twice goes to the fallback', async () => {
    const models = {
      large: new ScriptedProvider([{ deltas: ['So'], end: cutOff }]),
      small: new ScriptedProvider(['From small.']),
    };

    expect(textOf(await collect(router(models).stream(request(), never)))).toBe('From small.');
    expect(models.large.requests).toHaveLength(2);
  });

  test('before its first token is its provider’s to try again', async () => {
    const large = new ScriptedProvider([{ deltas: [], end: cutOff }]);
    await collectUntilError(router({ large }).stream(request(), never));

    expect(large.requests).toHaveLength(1);
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
