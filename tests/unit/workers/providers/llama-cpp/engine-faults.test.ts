import { truncateSync, writeFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { LlamaCppProvider } from '../../../../../workers/providers/llama-cpp/llama-cpp-provider.js';
import { FakeClock } from '../../../../doubles/clocks/fake-clock.js';
import { eventually } from '../../../../doubles/eventually.js';
import { openLocalModel, SCRIPTED_REPLY } from '../../../../doubles/gguf/local-provider.js';
import { writeLora } from '../../../../doubles/gguf/lora.js';
import { writeRandomModel, writeScriptedModel } from '../../../../doubles/gguf/models.js';
import { openStream, readReply } from '../../../../doubles/gguf/read-reply.js';
import { RecordedMetrics } from '../../../../doubles/recorders/recorded-metrics.js';

describe('a model file', () => {
  const LACKING = [
    'attention.head_count',
    'feed_forward_length',
    'block_count',
    'context_length',
    'embedding_length',
  ];
  let opened: Awaited<ReturnType<typeof openLocalModel>>;
  beforeAll(async () => {
    const lacking = Object.fromEntries(
      LACKING.map((key) => [
        key,
        (file: string) => writeRandomModel(file, { shape: 'tiny', omit: { metadata: [`llama.${key}`] } }),
      ]),
    );
    opened = await openLocalModel({
      files: {
        ...lacking,
        'no-architecture': (file) =>
          writeRandomModel(file, { shape: 'tiny', omit: { metadata: ['general.architecture'] } }),
        'no-tensor': (file) =>
          writeRandomModel(file, { shape: 'tiny', omit: { tensors: ['blk.1.ffn_up.weight'] } }),
        'no-tokens': (file) =>
          writeRandomModel(file, { shape: 'tiny', omit: { metadata: ['tokenizer.ggml.tokens'] } }),
        'cut-data': (file) => {
          writeRandomModel(file, { shape: 'tiny' });
          truncateSync(file, 200_000);
        },
        'cut-last-byte': (file) => {
          writeRandomModel(file, { shape: 'tiny' });
          truncateSync(file, 408_000);
        },
        'cut-head': (file) => {
          writeRandomModel(file, { shape: 'tiny' });
          truncateSync(file, 3_000);
        },
        'no-gguf': (file) => writeFileSync(file, 'a web page that says: please log in'.repeat(1000)),
        nothing: (file) => writeFileSync(file, ''),
      },
    });
  });
  afterAll(async () => {
    await opened.provider.stop();
    await rm(opened.folder, { recursive: true, force: true });
  });

  const refusal = (model: string) => readReply(opened.provider, model).catch((error: unknown) => error);

  test.each(LACKING)('without %s is refused by name', async (key) => {
    expect(await refusal(key)).toMatchObject({ kind: 'provider-rejected', retryable: false });
    expect(String(await refusal(key))).toContain(key);
  });

  test.each([
    'no-architecture',
    'no-tensor',
    'no-tokens',
    'cut-data',
    'cut-last-byte',
    'cut-head',
    'no-gguf',
    'nothing',
  ])('that is broken (%s) is refused in one sentence', async (model) => {
    const failure = await refusal(model);

    expect(failure).toMatchObject({ name: 'ExpectedFailure', kind: 'provider-rejected', retryable: false });
    expect(String(failure)).toContain(`${model}.gguf`);
    expect(String(failure)).not.toContain('\n');
    expect(String(failure)).not.toContain(opened.folder);
  });

  test('that went away is missing, and is found once it is back', async () => {
    const { provider, folder } = await openLocalModel();
    const file = path.join(folder, 'scripted.gguf');
    await rm(file);

    await expect(readReply(provider, 'scripted')).rejects.toMatchObject({ kind: 'model-missing' });
    writeScriptedModel(file, { reply: 'Back again.' });
    expect((await readReply(provider, 'scripted')).text).toBe('Back again.');
    await provider.stop();
    await rm(folder, { recursive: true, force: true });
  });
});

describe('a running engine', () => {
  let opened: Awaited<ReturnType<typeof openLocalModel>>;
  afterEach(async () => {
    await opened.provider.stop();
    await rm(opened.folder, { recursive: true, force: true });
  });

  test('that is killed fails its replies so that they are tried again, and the next request works', async () => {
    opened = await openLocalModel({
      files: { looping: (file) => writeScriptedModel(file, { reply: 'on', ending: 'repeat' }) },
    });
    const { provider } = opened;
    const stream = openStream(provider, 'looping', { sampling: { maxTokens: 4000 } })[Symbol.asyncIterator]();
    await stream.next();
    const before = await provider.stats('looping');
    process.kill(before?.pid ?? 0, 'SIGKILL');
    const rest = async () => {
      while (!(await stream.next()).done);
    };

    await expect(rest()).rejects.toMatchObject({ kind: 'provider-unavailable', retryable: true });
    const again = await readReply(provider, 'looping', { sampling: { maxTokens: 3 } });
    expect(again.text).toBe('ononon');
    expect((await provider.stats('looping'))?.pid).not.toBe(before?.pid);
  });

  test('that is killed before it said anything is tried once more', async () => {
    const metrics = new RecordedMetrics();
    opened = await openLocalModel({ options: { metrics } });
    const { provider } = opened;
    const { pid } = await provider.load('scripted');
    const reply = readReply(provider, 'scripted');
    process.kill(pid, 'SIGKILL');

    expect((await reply).text).toBe(SCRIPTED_REPLY);
    expect(metrics.calls.map(({ name }) => name)).toEqual([
      'engineStarted',
      'engineCrashed',
      'engineStarted',
    ]);
    expect(await provider.running()).toMatchObject([{ model: 'scripted', slots: 4, busySlots: 0 }]);
  });

  test('speaks with an adapter over its weights', async () => {
    const write = (file: string) => writeRandomModel(file, { shape: 'tiny' });
    const sampling = { maxTokens: 24 };
    opened = await openLocalModel({ files: { random: write } });
    const plain = await readReply(opened.provider, 'random', { sampling });
    const adapter = path.join(opened.folder, 'adapter.gguf');
    writeLora(adapter);
    await opened.provider.stop();
    const say = async (scale: number) => {
      const { provider, folder } = await openLocalModel({
        files: { random: write },
        lora: [{ path: adapter, scale }],
      });
      const { text } = await readReply(provider, 'random', { sampling });
      await provider.stop();
      await rm(folder, { recursive: true, force: true });
      return text;
    };

    expect(await say(1)).not.toBe(plain.text);
    expect(await say(0)).toBe(plain.text);
  });

  test('is refused where its adapter is missing', async () => {
    opened = await openLocalModel({ lora: [{ path: '/nowhere/adapter.gguf' }] });

    await expect(readReply(opened.provider, 'scripted')).rejects.toMatchObject({ kind: 'model-missing' });
  });

  test('sees none of its parent’s secrets', async () => {
    process.env['PARLEY_TEST_SECRET'] = 'do not tell';
    opened = await openLocalModel();
    const info = await opened.provider.load('scripted');
    delete process.env['PARLEY_TEST_SECRET'];
    if (process.platform !== 'linux') return;

    expect(await readFile(`/proc/${info.pid}/environ`, 'utf8')).not.toContain('do not tell');
    expect((await readReply(opened.provider, 'scripted')).text).toBe(SCRIPTED_REPLY);
  });
});

describe('an engine that fails', () => {
  const clock = new FakeClock();
  let provider: LlamaCppProvider;
  const warnings: string[] = [];
  const open = () => {
    const note = (_fields: object, message: string) => void warnings.push(message);
    provider = new LlamaCppProvider({
      findModel: async (model) => ({ path: model, gpu: 'off' }),
      engineEntry: fileURLToPath(new URL('../../../../doubles/engine/faulty-engine.mjs', import.meta.url)),
      clock,
      log: { debug() {}, info() {}, warn: note, error: note },
      loadTimeoutMs: 60_000,
    });
  };
  afterEach(() => provider.stop());

  test('to load within its time is given up', async () => {
    open();
    const reply = readReply(provider, 'hang-on-load').catch((error: unknown) => error);
    await eventually(() => expect(clock.sleeping).toBeGreaterThan(0));
    await clock.advance(60_000);

    expect(await reply).toMatchObject({
      kind: 'provider-unavailable',
      message: expect.stringContaining('within 60 s'),
    });
  });

  test('by aborting again and again is left alone, then tried once more', async () => {
    open();
    const ask = () => readReply(provider, 'abort-on-load').catch((error: unknown) => error);
    const afterBackoff = async () => {
      const answer = ask();
      await clock.advance(1_000);
      return answer;
    };
    for (let crash = 0; crash < 3; crash++) {
      expect(await afterBackoff()).toMatchObject({ kind: 'provider-rejected' });
    }

    const answered = await ask();
    expect(answered).toMatchObject({ kind: 'provider-unavailable', retryable: true });
    expect(answered).toHaveProperty('retryAfterMs', expect.any(Number));
    expect(warnings).toContain('engine crashes in a loop; leaving it alone');
    await clock.advance(60_000);
    expect(await afterBackoff()).toMatchObject({ kind: 'provider-rejected' });
  });

  test.each([
    ['deaf', 'no answer to a ping'],
    ['standing', 'a batch that never ended'],
  ])('by being %s is killed, and so is the next one', async (fault, why) => {
    open();
    const { pid } = await provider.load(fault);
    let ended = false;
    const reply = readReply(provider, fault)
      .catch((error: unknown) => error)
      .finally(() => {
        ended = true;
      });
    const step = async () => {
      await clock.advance(provider.state(fault) === 'ready' ? 5_000 : 100);
      expect(ended).toBe(true);
    };
    await eventually(step);

    expect(() => process.kill(pid, 0)).toThrow();
    expect(await reply).toMatchObject({
      kind: 'provider-unavailable',
      message: expect.stringContaining(why),
    });
  });

  test('to leave is ended by force', async () => {
    open();
    const { pid } = await provider.load('rude');
    await provider.stop();

    await eventually(() => expect(() => process.kill(pid, 0)).toThrow());
  });
});
