import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CommandLine, runCommandLine } from '../../../src/cli/command-line.js';
import { doctor } from '../../../src/cli/doctor/doctor.js';
import { runRole } from '../../../src/cli/role.js';
import { stopSignal } from '../../../src/cli/stop-signal.js';
import { ExpectedFailure } from '../../../src/domain/failure.js';
import { compiledEntry } from '../../../src/process/compiled-entry.js';
import { systemClock } from '../../../src/process/system-clock.js';
import { writeScriptedModel } from '../../doubles/gguf/models.js';
import { ModelHub, sha256 } from '../../doubles/model-hub/model-hub.js';
import { RecordedLog } from '../../doubles/recorders/recorded-log.js';
import { prepareDataFolder } from '../../fixtures/prepared-folder.js';

let cwd: string;
let out: string[];
let err: string[];

beforeEach(async () => {
  cwd = await mkdtemp(path.join(os.tmpdir(), 'cli-'));
  out = [];
  err = [];
});

afterEach(() => rm(cwd, { recursive: true, force: true }));

function run(argv: string[], changes: Partial<CommandLine> = {}): Promise<number> {
  return runCommandLine(argv, {
    version: '1.2.3',
    env: {},
    cwd,
    output: { out: (line) => out.push(line), err: (line) => err.push(line), barStream: null },
    clock: systemClock,
    signal: new AbortController().signal,
    createLog: () => new RecordedLog(),
    start: async () => {},
    role: async () => {},
    chat: async () => {},
    apiKeys: async () => {},
    doctor,
    ...changes,
  });
}

const yaml = (text: string) => writeFile(path.join(cwd, 'parley.config.yaml'), text);

/** A configuration with the models `mine`, from a hub, and `gone`, from nowhere. */
async function withHub(use: (hub: ModelHub, model: Buffer) => Promise<void>): Promise<void> {
  const hub = await ModelHub.start();
  try {
    const file = path.join(cwd, 'scripted.gguf');
    writeScriptedModel(file, { reply: 'Hello.' });
    const model = await readFile(file);
    hub.offer('owner/name/resolve/main/model.gguf', model);
    await yaml(`
model: mine
downloads: { hubUrl: "${hub.url}" }
models:
  mine: { description: Mine alone, sources: [{ huggingface: owner/name, file: model.gguf }] }
  gone: { sources: [{ path: ./gone.gguf }] }
  house: { endpoint: openai, name: x }
`);
    await use(hub, model);
  } finally {
    await hub.stop();
  }
}

test.each([
  [['--version'], 0, '1.2.3'],
  [['--help'], 0, 'Usage: parley'],
  [['models', '--help'], 0, 'pull'],
])('%j prints and ends well', async (argv, code, words) => {
  expect(await run(argv)).toBe(code);
  expect(out.join('\n')).toContain(words);
});

test.each([
  [['strat'], 'Did you mean start?'],
  [['start', '--nope'], '--nope'],
  [['models', 'lst'], 'list'],
])('%j is not understood', async (argv, words) => {
  expect(await run(argv)).toBe(2);
  expect(err.join('\n')).toContain(words);
});

test('a planned failure is one sentence, a bug shows its stack', async () => {
  const failing = (error: Error) => ({ start: async () => Promise.reject(error) });
  expect(await run(['start'], failing(new ExpectedFailure('setup', 'Do this.')))).toBe(1);
  expect(err).toEqual(['Do this.']);
  err = [];
  expect(await run(['start'], failing(new TypeError('oops')))).toBe(70);
  expect(err.join()).toMatch(/bug in Parley:\nTypeError: oops\n\s+at /);
});

test('a chat on a terminal is not interrupted by what only informs', async () => {
  const levels: string[] = [];
  const createLog = (level: string) => {
    levels.push(level);
    return new RecordedLog();
  };
  const output = { out: () => {}, err: () => {}, barStream: { write: () => true } };
  await run(['chat'], { createLog, output });
  await run(['start'], { createLog, output });
  await run(['chat'], { createLog });
  await run(['chat'], { createLog, output, env: { LOG_LEVEL: 'debug' } });
  expect(levels).toEqual(['warn', 'info', 'info', 'debug']);
});

test.each([
  ['gateway', {}, 'set DATABASE_URL and REDIS_URL'],
  ['worker', { REDIS_URL: 'redis://127.0.0.1:6379' }, 'set DATABASE_URL, or run "parley start"'],
  ['web', { DATABASE_URL: 'postgresql://127.0.0.1/parley' }, 'set REDIS_URL, or run "parley start"'],
])('a %s alone says which servers it is missing', async (role, env, words) => {
  expect(await run([role], { env, role: runRole })).toBe(1);
  expect(err.join('\n')).toContain(words);
});

test('an interrupted command says nothing', async () => {
  const controller = new AbortController();
  const chat = async () => {
    controller.abort(new Error('stopped'));
    throw controller.signal.reason;
  };
  expect(await run(['chat'], { chat, signal: controller.signal })).toBe(130);
  expect(err).toEqual([]);
});

test('a bad configuration stops every command that needs one', async () => {
  await yaml('limits: { turnsPerMinute: many }\n');
  for (const argv of [['start'], ['chat'], ['config'], ['models', 'list']]) {
    err = [];
    expect(await run(argv)).toBe(1);
    expect(err.join()).toContain('parley.config.yaml:1 limits.turnsPerMinute is "many"');
  }
});

test('config prints what is in force, without secrets', async () => {
  expect(await run(['config'], { env: { DISCORD_TOKEN: 'sekret.bot.token', PARLEY_PORT: '4000' } })).toBe(0);
  expect(JSON.parse(out.join('\n'))).toMatchObject({ web: { port: 4000 }, discord: { token: '********' } });
  expect(out.join()).not.toContain('sekret');
});

test('models are listed, got, and checked', () =>
  withHub(async (_hub, model) => {
    expect(await run(['models', 'list'])).toBe(0);
    expect(out.join('\n')).toMatch(/^\* mine +to download +Mine alone$/m);
    expect(out.join('\n')).toMatch(/^ {2}house +hosted$/m);

    out = [];
    expect(await run(['models', 'pull'])).toBe(0);
    expect(out.join()).toContain(`SHA-256 ${sha256(model)}`);
    expect(err.join('\n')).toMatch(/downloading mine: \d+ MB of \d+ MB/);

    out = [];
    expect(await run(['models', 'check'])).toBe(0);
    expect(out).toEqual([`mine: whole (1 MB, SHA-256 ${sha256(model)})`]);

    out = [];
    await run(['models', 'list']);
    expect(out.join('\n')).toMatch(/^\* mine +on this machine/m);
  }));

test('a model that cannot be got ends the command with what to do', () =>
  withHub(async () => {
    expect(await run(['models', 'pull', 'gone'])).toBe(1);
    expect(err.at(-1)).toContain('gone.gguf does not exist');
    expect(await run(['models', 'check', 'gone'])).toBe(1);
    expect(err.at(-1)).toContain('npx parley models pull gone');
    expect(await run(['models', 'pull', 'nope'])).toBe(1);
    expect(err.at(-1)).toContain('There is no model called nope; there are auto, small');
  }));

test('doctor looks at everything and ends badly where something is wrong', async () => {
  await prepareDataFolder(path.join(cwd, 'data'));
  writeScriptedModel(path.join(cwd, 'mine.gguf'), { reply: 'Hello.' });
  const env = { PARLEY_MODEL: './mine.gguf' };
  expect(await run(['doctor'], { env }), out.join('\n')).toBe(0);
  for (const name of [
    'Configuration',
    'Node',
    'Memory',
    'Disk',
    'Threads',
    'Data folder',
    'Database',
    'Model',
    'GPU',
  ])
    expect(out.join('\n')).toMatch(new RegExp(`^. ${name}: `, 'm'));
  expect(out.at(-1)).toMatch(/ 0 wrong$/);

  await writeFile(path.join(cwd, 'mine.gguf'), 'no model');
  out = [];
  expect(await run(['doctor'], { env })).toBe(1);
  expect(out.join('\n')).toMatch(/^✗ Model: .*is not a GGUF file\n {4}→ /m);
});

test('doctor tells a bad configuration, and looks at what needs none', async () => {
  expect(await run(['doctor'], { env: { PARLEY_PORT: 'x' } })).toBe(1);
  expect(out.join('\n')).toMatch(/✗ Configuration: [\s\S]*PARLEY_PORT is "x"/);
  expect(out.join('\n')).toContain('✓ Node');
});

test('the process is asked once to stop, and every listener is let go of', () => {
  const before = process.listenerCount('SIGTERM');
  const { signal, release } = stopSignal();
  expect(signal.aborted).toBe(false);
  process.emit('SIGTERM');
  expect(signal.aborted).toBe(true);
  release();
  expect(process.listenerCount('SIGTERM')).toBe(before);
});

test('the program itself runs', async () => {
  const entry = compiledEntry('src/main');
  const { stdout } = await promisify(execFile)(process.execPath, [entry, '--version'], { cwd });
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  const failed = promisify(execFile)(process.execPath, [entry, 'start'], { cwd, env: { PARLEY_PORT: 'x' } });
  await expect(failed).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('PARLEY_PORT is "x"'),
  });
});
