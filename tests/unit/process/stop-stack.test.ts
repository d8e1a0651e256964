import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { StopStack } from '../../../src/process/stop-stack.js';
import { RecordedLog } from '../../doubles/recorders/recorded-log.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('the last opened closes first, and what fails or hangs keeps no other from closing', async () => {
  const log = new RecordedLog();
  const stops = new StopStack(log, 60_000, 1_000);
  const closed: string[] = [];
  stops.add(async () => void closed.push('first'));
  stops.add(() => new Promise(() => {}), 2_000);
  stops.add(() => Promise.reject(new Error('broken')));
  stops.add(async () => void closed.push('last'));
  const over = stops.run();
  await vi.advanceTimersByTimeAsync(1_999);
  expect(closed).toEqual(['last']);
  await vi.advanceTimersByTimeAsync(2);
  await over;
  expect(closed).toEqual(['last', 'first']);
  expect(log.lines.map(({ message }) => message)).toEqual(['not closed cleanly', 'not closed in time']);
});

test('all of them together have their time: those left then are told to close, and not waited for', async () => {
  const stops = new StopStack(new RecordedLog(), 5_000, 2_000);
  const told: number[] = [];
  for (let i = 0; i < 10; i++)
    stops.add(() => {
      told.push(i);
      return new Promise(() => {});
    });
  let over = false;
  const running = stops.run().then(() => {
    over = true;
  });
  await vi.advanceTimersByTimeAsync(4_999);
  expect(over).toBe(false);
  await vi.advanceTimersByTimeAsync(51);
  expect(over).toBe(true);
  expect(told).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
  await running;
});
