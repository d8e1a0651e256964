import { describe, expect, test } from 'vitest';
import { ExpectedFailure, type FailureKind } from '../../../src/domain/failure.js';
import { RecordedLog } from '../../doubles/recorders/recorded-log.js';
import { RecordedMetrics } from '../../doubles/recorders/recorded-metrics.js';
import { ScriptedProvider } from '../../doubles/scripted-provider.js';
import { collect, collectUntilError, entry, failure, never, request, router, textOf } from './open-router.js';

describe('falling back', () => {
  test.each<FailureKind>([
    'provider-unavailable',
    'provider-overloaded',
    'provider-rejected',
    'model-missing',
    'context-overflow',
  ])('happens on %s, with a prompt made anew', async (kind) => {
    const log = new RecordedLog();
    const metrics = new RecordedMetrics();
    const asked: string[] = [];
    const models = {
      large: new ScriptedProvider([failure(kind)]),
      small: new ScriptedProvider(['From small.']),
    };
    const parts = await collect(
      router(models, undefined, log, undefined, metrics).stream(
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
    expect(metrics.calls).toEqual([{ name: 'providerFailed', args: ['large', kind] }]);
  });

  test('passes over what this worker does not serve', async () => {
    const small = new ScriptedProvider(['From small.']);
    const entries = ['large', 'medium', 'small'].map((alias, at, all) =>
      entry(alias, { fallbacks: all.slice(at + 1, at + 2) }),
    );
    // The others have no provider here at all.
    const routed = router({ small }, entries, new RecordedLog(), new Set(['small']));
    expect(textOf(await collect(routed.stream(request(), never)))).toBe('From small.');
    expect(routed.has('large')).toBe(true);
    const nowhere = router({ small }, entries, new RecordedLog(), new Set());
    expect((await collectUntilError(nowhere.stream(request(), never))).error).toMatchObject({
      kind: 'model-unserved',
      retryable: false,
    });
  });

  test('asks what this worker serves by then', async () => {
    const [large, small] = [new ScriptedProvider(['From large.']), new ScriptedProvider(['From small.'])];
    const serves = new Set(['small']);
    const routed = router({ large, small }, undefined, new RecordedLog(), serves);
    const answer = async () => textOf(await collect(routed.stream(request(), never)));
    expect(await answer()).toBe('From small.');
    serves.add('large');
    expect(await answer()).toBe('From large.');
    serves.delete('large');
    expect(await answer()).toBe('From small.');
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
