import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SliceSize } from '../../../../../workers/engine/slice-size.js';
import { worthSaving } from '../../../../../workers/engine/state-cache.js';
import { decideRestart, isCrashLoop } from '../../../../../workers/providers/llama-cpp/crash-policy.js';
import { engineEnvironment } from '../../../../../workers/providers/llama-cpp/engine-environment.js';
import { LlamaCppProvider } from '../../../../../workers/providers/llama-cpp/llama-cpp-provider.js';
import { parseQuota, threadBudget } from '../../../../../workers/providers/llama-cpp/thread-budget.js';
import { FakeClock } from '../../../../doubles/clocks/fake-clock.js';
import { RecordedLog } from '../../../../doubles/recorders/recorded-log.js';

describe('threads', () => {
  test('one core is left to JavaScript, and one thread is always left to the model', () => {
    expect(threadBudget(8, null, null)).toBe(7);
    expect(threadBudget(2, null, null)).toBe(1);
    expect(threadBudget(1, null, null)).toBe(1);
  });

  test('a container’s quota counts, half a core too', () => {
    expect(threadBudget(64, 4, null)).toBe(3);
    expect(threadBudget(64, 0.5, null)).toBe(1);
  });

  test('never more than the machine gives, whatever is configured', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 256 }),
        fc.option(fc.double({ min: 0.1, max: 256, noNaN: true })),
        fc.option(fc.integer({ min: 1, max: 999 })),
        (cores, quota, wanted) => {
          const threads = threadBudget(cores, quota, wanted);

          expect(threads).toBeGreaterThanOrEqual(1);
          expect(threads).toBeLessThanOrEqual(Math.max(1, Math.min(cores, quota ?? cores)));
          if (wanted !== null) expect(threads).toBeLessThanOrEqual(wanted);
        },
      ),
    );
  });

  test.each([
    ['max 100000', null],
    ['200000 100000\n', 2],
    ['-1 100000', null],
    ['', null],
    [' ', null],
  ])('the quota "%s" allows %s cores', (text, cores) => {
    expect(parseQuota(text)).toBe(cores);
  });
});

test('whoever waits for a model that is still being fetched stops waiting on abort', async () => {
  const provider = new LlamaCppProvider({
    findModel: (_model, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      }),
    engineEntry: 'none',
    clock: new FakeClock(),
    log: new RecordedLog(),
  });
  const stop = new AbortController();
  const waiting = provider.contextWindow('large', stop.signal);
  stop.abort(new Error('stopped'));

  await expect(waiting).rejects.toThrow('stopped');
  await provider.stop();
});

describe('restarts', () => {
  test('the first start waits for nothing', () => {
    expect(decideRestart([], 5)).toEqual({ type: 'start', afterMs: 0 });
  });

  test('each crash within a minute makes the wait longer', () => {
    expect(decideRestart([1000], 1000)).toEqual({ type: 'start', afterMs: 250 });
    expect(decideRestart([1000, 2000], 2000)).toEqual({ type: 'start', afterMs: 1000 });
    expect(decideRestart([1000, 2000], 2600)).toEqual({ type: 'start', afterMs: 400 });
  });

  test('three crashes in a minute make a loop: nothing starts until a minute passed', () => {
    const crashes = [0, 20_000, 50_000];

    expect(isCrashLoop(crashes)).toBe(true);
    expect(decideRestart(crashes, 60_000)).toEqual({ type: 'give-up', retryAfterMs: 50_000 });
    expect(decideRestart(crashes, 110_000)).toEqual({ type: 'start', afterMs: 0 });
  });

  test('crashes far apart make no loop', () => {
    expect(isCrashLoop([0, 70_000, 140_000])).toBe(false);
    expect(decideRestart([0, 70_000, 140_000], 140_000)).toEqual({ type: 'start', afterMs: 250 });
  });
});

describe('prompt slices', () => {
  test('settle where a step takes the budget, whatever the machine', () => {
    const settled = (fixedMs: number, msPerToken: number) => {
      const size = new SliceSize(4096);
      for (let i = 0; i < 60; i++) size.measured(size.next, fixedMs + size.next * msPerToken);
      return fixedMs + size.next * msPerToken;
    };

    expect(settled(30, 1.5)).toBeGreaterThan(120);
    expect(settled(30, 1.5)).toBeLessThan(160);
    expect(settled(5, 0.1)).toBeLessThan(160);
  });

  test('stay within the batch, and never stand still', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 16, max: 512 }),
        fc.array(fc.double({ min: 0.001, max: 1e6, noNaN: true })),
        (largest, steps) => {
          const size = new SliceSize(largest);
          for (const ms of steps) size.measured(size.next, ms);

          expect(size.next).toBeGreaterThanOrEqual(8);
          expect(size.next).toBeLessThanOrEqual(largest);
        },
      ),
    );
  });
});

describe('saving a conversation', () => {
  test('pays where evaluating is slower than the disk', () => {
    expect(worthSaving(1000, 0.5, 23_000)).toBe(true);
    expect(worthSaving(1000, 100, 200_000)).toBe(false);
    expect(worthSaving(10, 0.5, 23_000)).toBe(false);
  });

  test('is the guess before anything was measured', () => {
    expect(worthSaving(1000, null, null)).toBe(true);
  });
});

test('an engine inherits paths and GPU settings, and no secret', () => {
  const parent = {
    PATH: '/bin',
    CUDA_VISIBLE_DEVICES: '0',
    LD_LIBRARY_PATH: '/usr/lib',
    DISCORD_TOKEN: 'secret',
    HF_TOKEN: 'secret',
    NVIDIA_API_KEY: 'secret',
    DATABASE_URL: 'secret',
    NODE_OPTIONS: '--inspect',
  };

  expect(engineEnvironment(parent)).toEqual({
    PATH: '/bin',
    CUDA_VISIBLE_DEVICES: '0',
    LD_LIBRARY_PATH: '/usr/lib',
  });
});
