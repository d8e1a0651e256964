import { expect, test } from 'vitest';
import { createCredentialEraser, createSettingsClearing } from '../../../src/fleet/expiry.js';
import { FakeClock } from '../../doubles/clocks/fake-clock.js';
import { RecordedLog } from '../../doubles/recorders/recorded-log.js';

test('credentials are erased each minute, from where nothing was left the last time', async () => {
  const clock = new FakeClock();
  const asked: [number, number][] = [];
  const eraser = createCredentialEraser({
    upkeep: {
      async eraseCredentials(from, now) {
        asked.push([from, now.getTime()]);
        return from + 10;
      },
    },
    clock,
    log: new RecordedLog(),
  });
  const start = clock.now();
  eraser.start();
  await clock.advance(0);
  await clock.advance(60_000);
  await eraser.stop();
  expect(asked).toEqual([
    [0, start],
    [10, start + 60_000],
  ]);
});

test('settings that nobody asked by for a week are cleared each hour', async () => {
  const clock = new FakeClock();
  const cleared: number[] = [];
  const clearing = createSettingsClearing({
    settings: { clearUnused: async (olderThanMs) => void cleared.push(olderThanMs) },
    clock,
    log: new RecordedLog(),
  });
  clearing.start();
  await clock.advance(0);
  await clock.advance(3_600_000);
  await clearing.stop();
  const weekMs = 604_800_000;
  expect(cleared).toEqual([weekMs, weekMs]);
});
