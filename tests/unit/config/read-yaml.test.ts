import { expect, test } from 'vitest';
import { readConfigFile } from '../../../src/config/read-config-file.js';

const problemsOf = (source: string) =>
  readConfigFile(source, 'c.yaml').problems.map(({ where, wrong }) => `${where} ${wrong}`);

test.each([
  ['brackets', '['.repeat(5_000)],
  ['braces', '{a: '.repeat(5_000)],
  ['lists in a line', '- '.repeat(5_000)],
  ['questions', '? '.repeat(5_000)],
  ['columns', Array.from({ length: 300 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
])('levels without end, of %s, are refused before they are parsed', (_what, source) => {
  expect(problemsOf(source)).toEqual(['c.yaml is nested too deeply']);
});

test('brackets in texts are no levels', () => {
  const text = '[{'.repeat(200);
  expect(problemsOf(`model: "${text}"`)).toEqual([]);
  expect(problemsOf(`model: |\n  ${text}\n${' '.repeat(300)}x`)).toEqual([]);
});

test('a mapping in place of a name is refused: it would be written out for each level', () => {
  expect(problemsOf('? [a, b]\n: c')).toEqual(['c.yaml:1 has a list or a mapping for a name']);
});

test('a file of more than 1 MB is refused', () => {
  expect(problemsOf(`model: ${'x'.repeat(1_000_000)}`)).toEqual(['c.yaml is longer than 1 MB']);
});

test('of thousands of problems, some are told', () => {
  const source = Array.from({ length: 5_000 }, (_, i) => `k${i}: 1`).join('\n');
  expect(problemsOf(source)).toHaveLength(50);
  expect(problemsOf(`${'k'.repeat(50_000)}: 1`)).toHaveLength(1);
});
