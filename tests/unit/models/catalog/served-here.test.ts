import { expect, test } from 'vitest';
import type { ModelEntry } from '../../../../src/domain/models/model-entry.js';
import { BUILT_IN_MODELS } from '../../../../src/models/catalog/built-in-models.js';
import type { CatalogItem } from '../../../../src/models/catalog/model-catalog.js';
import { ServedHere } from '../../../../src/models/catalog/served-here.js';
import type { ServingChoice } from '../../../../src/models/catalog/served-models.js';
import { RecordedLog } from '../../../doubles/recorders/recorded-log.js';

const [template] = BUILT_IN_MODELS;
const FILES = { small: 'small.gguf', large: 'large.gguf', twin: 'large.gguf' };

/** A machine whose files come and go: `twin` has the file of `large`, and `auto` is the largest that is here. */
async function open(present: readonly string[], choice: Partial<ServingChoice> = {}, alone = false) {
  const here = new Set(present);
  const isHere = (alias: keyof typeof FILES) => here.has(FILES[alias]);
  const catalog = {
    async list(): Promise<CatalogItem[]> {
      const local = (['small', 'large', 'twin'] as const).map((alias) => ({
        ...{ alias, description: '', runs: 'local' as const, bytes: 2e9 },
        state: isHere(alias) ? ('present' as const) : ('not-downloaded' as const),
        path: isHere(alias) ? FILES[alias] : null,
        file: isHere(alias) ? ('downloaded' as const) : null,
      }));
      const hosted = { alias: 'hosted', description: '', runs: 'hosted', state: 'hosted' } as const;
      return [...local, { ...hosted, bytes: null, path: null, file: null }];
    },
    async entry(alias: string): Promise<ModelEntry> {
      if (!template) throw new Error('no built-in models');
      return { ...template, alias: alias !== 'auto' ? alias : isHere('large') ? 'large' : 'small' };
    },
  };
  const served = await ServedHere.open({
    catalog,
    alone,
    choice: { defaultModel: 'hosted', listed: null, downloadsAllowed: false, missing: new Set(), ...choice },
    log: new RecordedLog(),
  });
  let heard = 0;
  const unfollow = served.onChanged(() => heard++);
  return {
    served,
    unfollow,
    heard: () => heard,
    now: () => [...served.aliases()],
    async came(alias: keyof typeof FILES) {
      here.add(FILES[alias]);
      await served.review(alias, 'came');
    },
    async went(alias: keyof typeof FILES) {
      here.delete(FILES[alias]);
      await served.review(alias, 'gone');
    },
  };
}

test('a model is served from when its file has come until it is gone', async () => {
  const { served, came, went, now, heard } = await open([]);
  expect(now()).toEqual(['hosted', 'auto']);
  await came('small');
  expect(now()).toEqual(['small', 'hosted', 'auto']);
  expect([served.has('small'), served.has('large')]).toEqual([true, false]);
  await went('small');
  expect(now()).toEqual(['hosted', 'auto']);
  expect(heard()).toBe(2);
});

test('models that share a file come and go together', async () => {
  const { came, went, now } = await open([], { missing: new Set(['large', 'twin']) });
  await came('large');
  expect(now()).toEqual(['large', 'twin', 'hosted', 'auto']);
  await went('twin');
  expect(now()).toEqual(['hosted', 'auto']);
});

test('where models are listed, others stay unserved, and nobody is told of them', async () => {
  const { came, now, heard } = await open([], { listed: ['hosted'] });
  await came('small');
  expect(now()).toEqual(['hosted', 'auto']);
  expect(heard()).toBe(0);
});

test('a listed model that could not be had at the start is served once it is here', async () => {
  const { came, went, now } = await open([], { listed: ['hosted', 'small'], missing: new Set(['small']) });
  expect(now()).toEqual(['hosted', 'auto']);
  await came('small');
  expect(now()).toEqual(['hosted', 'small', 'auto']);
  await went('small');
  expect(now()).toEqual(['hosted', 'auto']);
});

test('a listed model that was deleted stays, where a question may get it again', async () => {
  const { went, now } = await open(['small.gguf'], { listed: ['small'], downloadsAllowed: true });
  await went('small');
  expect(now()).toEqual(['small']);
});

test('auto stands for the same model for as long as that is served, then for another', async () => {
  const { served, came, went, now } = await open(['small.gguf'], { defaultModel: 'auto' });
  expect(served.first).toBe('small');
  await came('large');
  expect(served.first).toBe('small');
  await went('small');
  expect(served.first).toBe('large');
  expect(now()).toEqual(['large', 'twin', 'hosted', 'auto']);
});

test('auto becomes another worker’s with the default model, and comes back with it', async () => {
  const { served, came, went } = await open(['small.gguf'], { defaultModel: 'small' });
  await went('small');
  expect(served.has('auto')).toBe(false);
  await came('large');
  expect(served.has('auto')).toBe(false);
  await came('small');
  expect([served.has('auto'), served.first]).toEqual([true, 'small']);
});

test('the only worker goes on with a model that it lost, to say why it cannot answer', async () => {
  const listed = { defaultModel: 'small', listed: ['small'] };
  const alone = await open(['small.gguf'], listed, true);
  await alone.went('small');
  expect(alone.now()).toEqual(['small', 'auto']);
  const among = await open(['small.gguf'], listed);
  await among.went('small');
  expect(among.now()).toEqual([]);
});

test('who follows no more is not told', async () => {
  const { came, heard, unfollow } = await open([]);
  unfollow();
  await came('small');
  expect(heard()).toBe(0);
});
