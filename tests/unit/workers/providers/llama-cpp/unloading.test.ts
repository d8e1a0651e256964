import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import type { ModelProvider } from '../../../../../src/ports/models/model-provider.js';
import { LlamaCppProvider } from '../../../../../workers/providers/llama-cpp/llama-cpp-provider.js';
import { FakeClock } from '../../../../doubles/clocks/fake-clock.js';
import { eventually } from '../../../../doubles/eventually.js';
import { openLocalModel } from '../../../../doubles/gguf/local-provider.js';
import { writeRandomModel, writeScriptedModel } from '../../../../doubles/gguf/models.js';
import { openStream, readReply } from '../../../../doubles/gguf/read-reply.js';

const MINUTE = 60_000;
const STORY = 'once there was a bear who lived in a house of its own and baked bread '.repeat(8);

let close = async () => {};
afterEach(() => close());

/** Real engines under a clock that the test moves; `scripted` is the default model. */
async function open() {
  const clock = new FakeClock();
  const opened = await openLocalModel({
    files: {
      random: (file) => writeRandomModel(file, { shape: 'tiny' }),
      looping: (file) => writeScriptedModel(file, { reply: 'on', ending: 'repeat' }),
    },
    contextSize: 1024,
    slots: 2,
    stateCache: true,
    // Loads and pings go by the same clock, and each advance is shorter than what ends them.
    options: { clock, unload: { afterMs: 10 * MINUTE, except: 'scripted' }, loadTimeoutMs: 1e9 },
  });
  close = async () => {
    await opened.provider.stop();
    await rm(opened.folder, { recursive: true, force: true });
  };
  const wait = async (minutes: number) => {
    for (let halves = 0; halves < minutes * 2; halves++) {
      await clock.advance(MINUTE / 2);
      // Answers come in order: with these the engines have answered their pings too.
      await Promise.all(['scripted', 'random', 'looping'].map((model) => opened.provider.stats(model)));
    }
  };
  const states = async () =>
    (await readdir(path.join(opened.folder, 'states'), { recursive: true })).filter((name) =>
      name.endsWith('.state'),
    );
  return { ...opened, clock, wait, states };
}

const tell = (provider: ModelProvider) =>
  readReply(provider, 'random', { said: STORY, sampling: { maxTokens: 4 } });

const gone = (pid: number) => eventually(() => expect(() => process.kill(pid, 0)).toThrow());

test('a model that nobody uses is unloaded, and its next request goes on where it was', async () => {
  const { provider, wait, states } = await open();
  const first = await tell(provider);
  const before = await provider.load('random');
  // No further: time that runs on while the engine saves would make it a silent one.
  await wait(10);
  await gone(before.pid);

  expect(provider.state('random')).toBe('idle');
  expect(await states()).toHaveLength(1);
  const again = await tell(provider);
  expect(again.text).toBe(first.text);
  expect(again.finish.usage.cached).toBeGreaterThan(again.finish.usage.prompt / 2);
  expect((await provider.load('random')).pid).not.toBe(before.pid);
});

test('the default model stays, and so does one whose reply is being read', async () => {
  const { provider, wait } = await open();
  const { pid } = await provider.load('scripted');
  const stream = openStream(provider, 'looping')[Symbol.asyncIterator]();
  await stream.next();
  const looping = await provider.load('looping');
  await wait(25);

  expect(provider.state('looping')).toBe('ready');
  while (!(await stream.next()).done);
  await wait(11);
  await gone(looping.pid);
  expect((await provider.load('scripted')).pid).toBe(pid);
});

test('each use puts the end off', async () => {
  const { provider, wait } = await open();
  const { pid } = await provider.load('random');
  for (let question = 0; question < 3; question++) {
    await wait(9);
    await provider.countTokens('random', [{ role: 'user', content: 'Hi' }]);
  }
  expect((await provider.load('random')).pid).toBe(pid);
});

describe('while a model is being unloaded', () => {
  /** An engine that saves its states until `finish`. */
  async function openSaving() {
    const clock = new FakeClock();
    const folder = await mkdtemp(path.join(tmpdir(), 'parley-saving-'));
    const states = path.join(folder, 'model');
    await mkdir(states);
    let starts = 0;
    const provider = new LlamaCppProvider({
      findModel: async (model) => {
        starts++;
        return { path: model, gpu: 'off' };
      },
      engineEntry: fileURLToPath(new URL('../../../../doubles/engine/faulty-engine.mjs', import.meta.url)),
      stateCache: { folder, maxBytes: 1e6 },
      unload: { afterMs: MINUTE / 2, except: 'another' },
      clock,
      log: { debug() {}, info() {}, warn() {}, error() {} },
    });
    const { pid } = await provider.load('saving');
    await clock.advance(MINUTE / 2);
    expect(provider.state('saving')).toBe('idle');
    close = async () => {
      await provider.stop();
      await rm(folder, { recursive: true, force: true });
    };
    const finish = () => process.kill(pid, 'SIGTERM');
    // Time for what does not wait to do what it should not.
    const others = async () => {
      for (let i = 0; i < 5; i++) await readdir(folder);
      await clock.advance(0);
    };
    return { provider, states, pid, finish, others, starts: () => starts };
  }

  test('a request waits until its states are saved, then starts it again', async () => {
    const { provider, pid, finish, others, starts } = await openSaving();
    const again = provider.load('saving');
    await others();
    expect(starts()).toBe(1);
    finish();
    expect((await again).pid).not.toBe(pid);
  });

  test('a conversation that is forgotten leaves no trace', async () => {
    const { provider, states, finish, others } = await openSaving();
    const forgotten = provider.forget('one');
    await others();
    const name = createHash('sha256').update('one').digest('hex').slice(0, 32);
    await writeFile(path.join(states, `${name}.state`), 'what was said');
    finish();
    await forgotten;
    expect(await readdir(states)).toEqual([]);
  });

  test('a stop leaves no process', async () => {
    const { provider, pid } = await openSaving();
    await provider.stop();
    await gone(pid);
  });
});
