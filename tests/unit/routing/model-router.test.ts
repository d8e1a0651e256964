import { describe, expect, test } from 'vitest';
import { DEFAULT_SAMPLING } from '../../../src/domain/sampling.js';
import type { RoutedModel } from '../../../src/ports/models/model-router.js';
import { createModelRouter } from '../../../src/routing/model-router.js';
import { FakeClock } from '../../doubles/clocks/fake-clock.js';
import { RecordedLog } from '../../doubles/recorders/recorded-log.js';
import { ScriptedProvider } from '../../doubles/scripted-provider.js';
import { collect, entry, never, request, router, textOf } from './open-router.js';

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

  test('can be stopped while its model is still loading', async () => {
    class LoadingProvider extends ScriptedProvider {
      override contextWindow(_model?: string, signal?: AbortSignal): Promise<number> {
        return new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
        });
      }
    }
    const large = new LoadingProvider(['late']);
    const stop = new AbortController();
    const parts = collect(router({ large }).stream(request(), stop.signal));
    stop.abort(new Error('stopped'));

    await expect(parts).rejects.toThrow('stopped');
    expect(large.requests).toEqual([]);
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
      log: new RecordedLog(),
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
