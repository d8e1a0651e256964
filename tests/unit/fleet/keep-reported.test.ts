import { expect, test } from 'vitest';
import { localReports } from '../../../src/exchange/local-reports.js';
import { keepReported } from '../../../src/fleet/keep-reported.js';
import { FakeClock } from '../../doubles/clocks/fake-clock.js';
import { RecordedLog } from '../../doubles/recorders/recorded-log.js';

test('what is read is said again before it runs out, failures and all, until it is taken back', async () => {
  const clock = new FakeClock();
  const { logExports } = localReports(clock);
  let lastSuccessAt = 1;
  const read = async () => {
    if (lastSuccessAt === 2) throw new Error('out of reach');
    return { origin: 'https://logs.example', lastSuccessAt, lastFailure: null };
  };
  const deps = { name: 'a test', reports: logExports, clock, log: new RecordedLog() };
  const kept = keepReported('one', read, deps);
  const said = async () => (await logExports.all()).get('one')?.lastSuccessAt;
  await clock.advance(0);
  expect(await said()).toBe(1);
  lastSuccessAt = 2;
  await clock.advance(5_000);
  expect(await said()).toBe(1);
  lastSuccessAt = 3;
  await clock.advance(60_000);
  expect(await said()).toBe(3);
  await kept.stop();
  expect(await said()).toBeUndefined();
});
