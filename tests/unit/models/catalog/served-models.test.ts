import { expect, test } from 'vitest';
import type { ModelEntry } from '../../../../src/domain/models/model-entry.js';
import { BUILT_IN_MODELS } from '../../../../src/models/catalog/built-in-models.js';
import type { CatalogItem } from '../../../../src/models/catalog/model-catalog.js';
import { type ServingChoice, servedModels } from '../../../../src/models/catalog/served-models.js';

const GB = 1e9;
const item = (alias: string, state: CatalogItem['state'], bytes: number | null): CatalogItem => ({
  alias,
  description: '',
  runs: state === 'hosted' ? 'hosted' : 'local',
  state,
  bytes,
  path: null,
  file: null,
});
const ITEMS = [
  item('small', 'not-downloaded', 0.1 * GB),
  item('medium', 'not-downloaded', 1.1 * GB),
  item('large', 'present', 2.5 * GB),
  item('hosted', 'hosted', null),
];
const [template] = BUILT_IN_MODELS;

/** A machine where `auto` stands for `small`. */
const catalog = {
  list: async () => ITEMS,
  async entry(alias: string): Promise<ModelEntry> {
    if (!template) throw new Error('no built-in models');
    return { ...template, alias: alias === 'auto' ? 'small' : alias };
  },
};

async function served(choice: Partial<ServingChoice> = {}) {
  const { aliases, first } = await servedModels(catalog, {
    defaultModel: 'auto',
    listed: null,
    downloadsAllowed: true,
    missing: new Set(),
    ...choice,
  });
  return { aliases: [...aliases], first };
}

test('a worker serves what is hosted, what is here, and what may be fetched unasked', async () => {
  expect(await served()).toEqual({ aliases: ['small', 'large', 'hosted', 'auto'], first: 'small' });
});

test('the default model may be of any size', async () => {
  const { aliases, first } = await served({ defaultModel: 'medium' });
  expect({ aliases, first }).toEqual({
    aliases: ['small', 'medium', 'large', 'hosted', 'auto'],
    first: 'medium',
  });
});

test('without downloads it serves what is here', async () => {
  expect(await served({ downloadsAllowed: false })).toEqual({
    aliases: ['large', 'hosted', 'auto'],
    first: 'large',
  });
});

test('where models are listed it serves those alone, and auto is the first of them', async () => {
  expect(await served({ listed: ['large', 'hosted'] })).toEqual({
    aliases: ['large', 'hosted', 'auto'],
    first: 'large',
  });
  expect(await served({ listed: ['hosted', 'auto'] })).toEqual({
    aliases: ['hosted', 'small', 'auto'],
    first: 'small',
  });
});

test('a default model that is not listed is another worker’s, and so is auto', async () => {
  expect(await served({ defaultModel: 'medium', listed: ['large'] })).toEqual({
    aliases: ['large'],
    first: 'large',
  });
});

test('what could not be had is left to others', async () => {
  expect(await served({ listed: ['large', 'hosted'], missing: new Set(['large']) })).toEqual({
    aliases: ['hosted', 'auto'],
    first: 'hosted',
  });
  expect((await served({ listed: ['large'], missing: new Set(['large']) })).aliases).toEqual([]);
});
