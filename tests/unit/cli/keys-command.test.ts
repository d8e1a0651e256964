import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCommandLine } from '../../../src/cli/command-line.js';
import { withApiKeys } from '../../../src/compose/keys.js';
import { systemClock } from '../../../src/process/system-clock.js';
import { openDatabase } from '../../../src/storage/open-database.js';
import { RecordedLog } from '../../doubles/recorders/recorded-log.js';

let cwd: string;
let out: string[];
let err: string[];
beforeEach(async () => {
  cwd = await mkdtemp(path.join(os.tmpdir(), 'keys-'));
  [out, err] = [[], []];
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

const run = (...argv: string[]) =>
  runCommandLine(['keys', ...argv], {
    version: '1.2.3',
    env: { PARLEY_DATA_DIR: path.join(cwd, 'data') },
    cwd,
    output: { out: (line) => out.push(line), err: (line) => err.push(line), barStream: null },
    clock: systemClock,
    signal: new AbortController().signal,
    createLog: () => new RecordedLog(),
    start: async () => {},
    role: async () => {},
    chat: async () => {},
    apiKeys: withApiKeys,
    doctor: async () => true,
  });

test('a key is made, printed alone, listed and revoked', async () => {
  expect(await run('list')).toBe(0);
  expect(out.splice(0)).toEqual(['There is no API key; make one with "parley keys add NAME".']);
  expect(await run('add', 'The shop', '--turns-per-minute', '30', '--tokens-per-day', '5000')).toBe(0);
  const [key = ''] = out.splice(0);
  expect(key).toMatch(/^pk_[\w-]{43}$/);
  expect(err.splice(0)).toEqual([expect.stringContaining('Key 1 for The shop.')]);
  expect(await run('list')).toBe(0);
  const [line = ''] = out.splice(0);
  expect(line).toContain(key.slice(0, 7));
  expect(line).not.toContain(key.slice(7));
  expect(line).toContain('The shop  never used  30 questions a minute  5000 tokens a day');
  expect(await run('revoke', '1')).toBe(0);
  expect(out.splice(0)).toEqual([expect.stringContaining('revoked 20')]);
  expect(await run('revoke', '2')).toBe(1);
  expect(err.splice(0)).toEqual(['There is no API key 2; "parley keys list" shows those there are.']);
});

test.each([
  [['add'], 'missing required argument'],
  [['add', ' '], '1 to 100 characters'],
  [['add', 'x'.repeat(101)], '1 to 100 characters'],
  [['add', 'x', '--turns-per-minute', '0'], 'from 1 to 10000'],
  [['add', 'x', '--turns-per-minute', '1.5'], 'from 1 to 10000'],
  [['add', 'x', '--tokens-per-day', '1000000001'], 'from 1 to 1000000000'],
  [['revoke', 'x'], 'keys list'],
])('%j is told what it takes', async (argv, sentence) => {
  expect(await run(...argv)).toBe(2);
  expect(err.join('\n')).toContain(sentence);
});

test('while Parley runs on the folder, a person is told of the page', async () => {
  const options = { clock: systemClock, log: new RecordedLog() };
  const running = await openDatabase({ ...options, dataDir: path.join(cwd, 'data') });
  expect(await run('list')).toBe(1);
  expect(err.join('\n')).toContain('already in use by process');
  expect(err.join('\n')).toContain('on its page, under Admin');
  await running.stop();
});
