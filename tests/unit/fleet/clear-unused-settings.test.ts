import { expect, test } from 'vitest';
import { createSettingsClearing } from '../../../src/fleet/clean-up-rounds.js';
import { FakeClock } from '../../doubles/clocks/fake-clock.js';
import { RecordedLog } from '../../doubles/recorders/recorded-log.js';

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
