import { expect, test } from 'vitest';
import { readNumber } from '../../../../../../../adapters/web/page/chat/settings/read-number.js';

const share = { min: 0, max: 2, default: 0.7, whole: false };
const count = { min: 1, max: 32_768, default: 1024, whole: true };

test.each([
  ['0.5', 0.5],
  [' 1 ', 1],
  ['0,25', 0.25],
  ['.5', 0.5],
  ['2', 2],
  ['', null],
  ['  ', null],
])('reads %j', (text, value) => {
  expect(readNumber(text, share, 'Temperature')).toEqual({ value });
});

test.each(['2.01', '-1', 'warm', '1e0', '0x1', '1.2.3', 'NaN', 'Infinity', '--1'])(
  'says what %j must be',
  (text) => {
    expect(readNumber(text, share, 'Temperature')).toEqual({
      problem: 'Temperature must be a number from 0 to 2.',
    });
  },
);

test.each(['0', '1.5', '32769'])('says that %j must be whole and in bounds', (text) => {
  expect(readNumber(text, count, 'Longest answer')).toEqual({
    problem: 'Longest answer must be a whole number from 1 to 32,768.',
  });
});
