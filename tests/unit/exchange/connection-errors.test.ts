import { expect, test } from 'vitest';
import { connectionErrorLog, errorReason } from '../../../src/exchange/connection-errors.js';
import { RecordedLog } from '../../doubles/recorders/recorded-log.js';

test('the same error is logged once in ten seconds, then with the number left out', () => {
  const log = new RecordedLog();
  let now = 0;
  const onError = connectionErrorLog(log, { queue: 'wake-up' }, () => now);
  for (; now < 10_000; now += 100) onError(new Error('gone'));
  onError(new Error('gone'));
  expect(log.lines.map((line) => line.fields)).toEqual([
    { queue: 'wake-up', reason: 'gone' },
    { queue: 'wake-up', reason: 'gone', unlogged: 99 },
  ]);
});

test('another error is logged at once', () => {
  const log = new RecordedLog();
  const onError = connectionErrorLog(log, {}, () => 0);
  onError(new Error('gone'));
  onError(new Error('worse'));
  expect(log.lines).toHaveLength(2);
});

test('an error without a message shows its code', () => {
  const refused = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' });
  expect(errorReason(refused)).toBe('ECONNREFUSED');
  expect(errorReason(Object.assign(new Error('no such host'), { code: 'ENOTFOUND' }))).toBe(
    'ENOTFOUND: no such host',
  );
  expect(errorReason('text')).toBe('text');
});
