import { access, readdir, readFile, truncate, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventually } from '../../../doubles/eventually.js';
import { openUpkeep } from './open-upkeep.js';

/** On a busy machine. */

const downloads = async (folder: string) =>
  (await readdir(path.join(folder, 'models')).catch(() => [])).filter((name) => name.endsWith('.gguf'));

test('tells how each model is', async () => {
  const { model, upkeep } = await openUpkeep();
  const nothing = { progress: null, doing: null, uses: 0, problem: null, checked: null };
  expect(await upkeep.report()).toEqual([
    {
      ...{ ...nothing, alias: 'big', description: '', runs: 'local', state: 'missing', file: null },
      ...{ sizeBytes: model.length, contextWindow: null, served: true },
    },
    {
      ...{ ...nothing, alias: 'mine', description: '', runs: 'local', state: 'on-disk', file: 'given' },
      ...{ sizeBytes: model.length, contextWindow: null, served: false },
    },
    {
      ...{ ...nothing, alias: 'house', description: 'At home.', runs: 'hosted', state: 'hosted', file: null },
      ...{ sizeBytes: null, contextWindow: 8192, served: true },
    },
  ]);
});

describe('a pull', () => {
  test('gets the file, tells how far it is, and is joined by another', async () => {
    const { hub, model, upkeep, files, of } = await openUpkeep();
    hub.faults.push({ type: 'stall', after: Math.floor(model.length / 2) });
    const pulls = [upkeep.carryOut('pull', 'big'), upkeep.carryOut('pull', 'big')];
    await eventually(async () => {
      const now = await of('big');
      expect(now).toMatchObject({ state: 'pulling', doing: 'pull' });
      expect(now.progress).toBeCloseTo(0.5, 2);
    });
    hub.dropConnections();
    await pulls[1];
    expect(await of('big')).toMatchObject({ state: 'on-disk', doing: null, progress: null, problem: null });
    expect(await of('big')).toMatchObject({ file: 'downloaded', sizeBytes: model.length });
    expect(files.isAbsent('big')).toBe(false);
    expect(hub.sent).toBe(model.length);
  });

  test('that fails says why and what to do, until one succeeds', async () => {
    const { hub, model, upkeep, of } = await openUpkeep();
    hub.faults.push({ type: 'status', status: 404 });
    await upkeep.carryOut('pull', 'big');
    expect(await of('big')).toMatchObject({
      state: 'failed',
      problem: expect.stringMatching(/could not be got .*404.*npx parley models pull big/),
    });
    await upkeep.carryOut('pull', 'big');
    expect(await of('big')).toMatchObject({ state: 'on-disk', problem: null, sizeBytes: model.length });
  });

  test('is refused where the operator turned downloads off', async () => {
    const { hub, upkeep, of } = await openUpkeep({ downloadsAllowed: false });
    await upkeep.carryOut('pull', 'big');
    expect((await of('big')).problem).toContain('Downloads are turned off here');
    expect(hub.requests).toEqual([]);
  });

  test('under way keeps other orders away, and stops with the worker', async () => {
    const { folder, hub, upkeep, of } = await openUpkeep();
    hub.faults.push({ type: 'stall', after: 1_000 });
    const pull = upkeep.carryOut('pull', 'big');
    await eventually(async () => expect((await of('big')).progress).not.toBeNull());
    await upkeep.carryOut('delete', 'big');
    expect((await of('big')).problem).toBe(
      'big is busy with another order (pull): wait until that is done, or cancel it.',
    );
    await upkeep.stop();
    expect(await pull).toBe(false);
    expect(await downloads(folder)).toEqual([]);
  });

  test('that is cancelled ends, and the next one goes on where it was', async () => {
    const { folder, hub, model, upkeep, of } = await openUpkeep();
    const half = Math.floor(model.length / 2);
    hub.faults.push({ type: 'stall', after: half });
    const pull = upkeep.carryOut('pull', 'big');
    await eventually(async () => expect((await of('big')).progress).toBeCloseTo(0.5, 2));
    expect(await upkeep.carryOut('cancel', 'big')).toBe(true);
    expect(await pull).toBe(true);
    expect(await of('big')).toMatchObject({ state: 'missing', doing: null, progress: null, problem: null });
    expect(await downloads(folder)).toEqual([]);
    await upkeep.carryOut('cancel', 'big');
    expect((await of('big')).problem).toBeNull();
    await upkeep.carryOut('pull', 'big');
    expect(await of('big')).toMatchObject({ state: 'on-disk', sizeBytes: model.length });
    expect(hub.sent).toBeLessThan(model.length + half);
  });
});

describe('a check', () => {
  test('tells that a file is whole, and when', async () => {
    const { upkeep, of } = await openUpkeep();
    await upkeep.carryOut('check', 'mine');
    expect(await of('mine')).toMatchObject({ state: 'on-disk', checked: { ok: true, problem: null } });
    expect((await of('mine')).checked?.at).toBeGreaterThan(Date.now() - 60_000);
  });

  test('finds bytes that rotted, and a pull mends them', async () => {
    const { folder, model, upkeep, of } = await openUpkeep();
    await upkeep.carryOut('pull', 'big');
    const [name = ''] = await downloads(folder);
    const file = path.join(folder, 'models', name);
    // A whole second: what a file system keeps of its fractions differs.
    const then = new Date(Date.UTC(2026, 0, 2));
    await utimes(file, then, then);
    await upkeep.carryOut('check', 'big');
    expect(await of('big')).toMatchObject({ checked: { ok: true } });
    const rotten = Buffer.from(model);
    rotten[rotten.length - 5] = (rotten[rotten.length - 5] ?? 0) ^ 1;
    await writeFile(file, rotten);
    await utimes(file, then, then);
    await upkeep.carryOut('check', 'big');
    const problem = expect.stringMatching(
      /is damaged: its SHA-256 is not the expected one: pull it again\.$/,
    );
    expect(await of('big')).toMatchObject({ state: 'failed', problem, checked: { ok: false, problem } });
    await upkeep.carryOut('pull', 'big');
    expect(await of('big')).toMatchObject({ state: 'on-disk', problem: null, checked: null });
    expect(await readFile(file)).toEqual(model);
  });

  test('that is cancelled finds nothing', async () => {
    const { folder, upkeep, of } = await openUpkeep();
    // What follows a model is read as well: this much takes seconds, and no place on the disk.
    await truncate(path.join(folder, 'scripted.gguf'), 8e9);
    const check = upkeep.carryOut('check', 'mine');
    await eventually(async () => expect((await of('mine')).progress).not.toBeNull());
    await upkeep.carryOut('cancel', 'mine');
    await check;
    expect(await of('mine')).toMatchObject({ state: 'on-disk', doing: null, checked: null, problem: null });
  });

  test('of what is not here, or runs elsewhere, is refused', async () => {
    const { upkeep, of } = await openUpkeep();
    for (const alias of ['big', 'house', 'nobody']) await upkeep.carryOut('check', alias);
    expect((await of('big')).problem).toBe('big is not on this machine: pull it first.');
    expect((await of('house')).problem).toContain('house is hosted');
  });
});

describe('loading and unloading', () => {
  test('happen as ordered, and tell the context window', async () => {
    const { engine, upkeep, of } = await openUpkeep();
    await Promise.all([upkeep.carryOut('load', 'mine'), upkeep.carryOut('load', 'mine')]);
    expect(await of('mine')).toMatchObject({ state: 'loaded', contextWindow: 512, uses: 0, problem: null });
    await upkeep.carryOut('unload', 'mine');
    expect(await of('mine')).toMatchObject({ state: 'on-disk', contextWindow: null });
    expect(engine.state('mine')).toBe('idle');
  });

  test('that fail say why', async () => {
    const { folder, model, upkeep, of } = await openUpkeep();
    await writeFile(path.join(folder, 'scripted.gguf'), model.subarray(0, 2_000));
    await upkeep.carryOut('load', 'mine');
    expect(await of('mine')).toMatchObject({
      state: 'failed',
      problem: expect.stringMatching(/^The model mine cannot be used .*(cut short|damaged)/),
    });
    await writeFile(path.join(folder, 'scripted.gguf'), model);
    await upkeep.carryOut('load', 'mine');
    expect(await of('mine')).toMatchObject({ state: 'loaded', problem: null });
  });

  test('never take a model away from a reply', async () => {
    const { engine, upkeep, of } = await openUpkeep();
    const reply = engine.stream(
      {
        model: 'mine',
        prompt: [{ role: 'user', content: 'Hi' }],
        sampling: {
          ...{ temperature: 0, topK: 1, topP: 1, minP: 0, repeatPenalty: 1, maxTokens: 20, stop: [] },
        },
        cacheKey: '1',
      },
      new AbortController().signal,
    );
    await reply.next();
    await upkeep.carryOut('unload', 'mine');
    expect(await of('mine')).toMatchObject({
      state: 'loaded',
      uses: 1,
      problem: 'mine is in use (1): wait until its replies are written, or stop them.',
    });
    for await (const _ of reply);
    await upkeep.carryOut('unload', 'mine');
    expect(await of('mine')).toMatchObject({ state: 'on-disk', uses: 0, problem: null });
  });
});

describe('a deletion', () => {
  test('unloads what was downloaded and removes it, its record and what was begun', async () => {
    const { folder, engine, upkeep, files, of } = await openUpkeep();
    await upkeep.carryOut('pull', 'big');
    await upkeep.carryOut('load', 'big');
    await upkeep.carryOut('delete', 'big');
    expect(engine.state('big')).toBe('idle');
    expect(await of('big')).toMatchObject({ state: 'missing', problem: null, file: null });
    expect(files.isAbsent('big')).toBe(true);
    expect(await readdir(path.join(folder, 'models'))).toEqual(['.verified']);
    expect(await readdir(path.join(folder, 'models', '.verified'))).toEqual([]);
  });

  test('leaves an operator’s own file where it is', async () => {
    const { folder, upkeep, of } = await openUpkeep();
    await upkeep.carryOut('delete', 'mine');
    expect((await of('mine')).problem).toBe(
      'The file of mine is your own: Parley deletes only what it downloaded itself.',
    );
    await access(path.join(folder, 'scripted.gguf'));
  });

  test('leaves a file that another model runs from', async () => {
    const { folder, upkeep, of } = await openUpkeep({ twin: true });
    await upkeep.carryOut('pull', 'big');
    await upkeep.carryOut('load', 'twin');
    await upkeep.carryOut('delete', 'big');
    expect((await of('big')).problem).toBe('twin uses the same file and is loaded: unload it first.');
    expect(await downloads(folder)).toHaveLength(1);
    await upkeep.carryOut('unload', 'twin');
    await upkeep.carryOut('delete', 'big');
    expect([await of('big'), await of('twin')]).toMatchObject([{ state: 'missing' }, { state: 'missing' }]);
  });
});
