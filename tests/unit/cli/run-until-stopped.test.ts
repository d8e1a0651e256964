import { expect, test } from 'vitest';
import { runUntilStopped } from '../../../src/cli/run-until-stopped.js';
import { FakeClock } from '../../doubles/clocks/fake-clock.js';

const never = () => new Promise<never>(() => {});

function setting() {
  const asking = new AbortController();
  const clock = new FakeClock();
  const events: string[] = [];
  const running = {
    stop: async () => {
      events.push('stopped');
    },
  };
  const report = async () => {
    events.push('reported');
  };
  return { asking, clock, events, running, report, options: { clock, signal: asking.signal } };
}

test('what runs is stopped when that is asked for, and not before', async () => {
  const { asking, events, running, report, options } = setting();
  const over = runUntilStopped(Promise.resolve(running), report, options);
  await new Promise(setImmediate);
  expect(events).toEqual(['reported']);
  asking.abort();
  await over;
  expect(events).toEqual(['reported', 'stopped']);
});

test('a report that hangs keeps nothing from stopping', async () => {
  const { asking, events, running, options } = setting();
  const over = runUntilStopped(Promise.resolve(running), never, options);
  await new Promise(setImmediate);
  asking.abort();
  await over;
  expect(events).toEqual(['stopped']);
});

test('a start under way is waited for, and what it started is stopped', async () => {
  const { asking, clock, events, running, report, options } = setting();
  let started = (_: typeof running) => {};
  const starting = new Promise<typeof running>((resolve) => {
    started = resolve;
  });
  const over = runUntilStopped(starting, report, options);
  asking.abort();
  await clock.advance(3_900);
  started(running);
  await over;
  expect(events).toContain('stopped');
});

test('a start that hangs is left alone after 4 s', async () => {
  const { asking, clock, report, options } = setting();
  const over = runUntilStopped(never(), report, options);
  const reason = new Error('asked to stop');
  asking.abort(reason);
  const failed = expect(over).rejects.toBe(reason);
  await clock.advance(4_000);
  await failed;
});

test('a start that fails says why', async () => {
  const { report, options } = setting();
  const failure = new Error('no database');
  await expect(runUntilStopped(Promise.reject(failure), report, options)).rejects.toBe(failure);
});
