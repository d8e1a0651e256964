import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { configJsonSchema } from '../../../src/config/config-json-schema.js';
import { ENVIRONMENT } from '../../../src/config/environment.js';
import { loadConfig } from '../../../src/config/load-config.js';
import { PACKAGE_ROOT } from '../../../src/process/compiled-entry.js';
import { DEFAULT_HOSTED_LIMITS } from '../../../workers/providers/hosted/hosted-limits.js';

const example = () => readFile(path.join(PACKAGE_ROOT, 'parley.config.example.yaml'), 'utf8');

async function load(env: Record<string, string>, yaml?: string) {
  const cwd = await mkdtemp(path.join(os.tmpdir(), 'example-'));
  try {
    if (yaml !== undefined) await writeFile(path.join(cwd, 'parley.config.yaml'), yaml);
    return { ...(await loadConfig({ env, cwd })), dataDir: '' };
  } finally {
    await rm(cwd, { recursive: true });
  }
}

test('the JSON Schema for editors is current (with UPDATE_SCHEMA=1 this test writes it)', async () => {
  const file = path.join(PACKAGE_ROOT, 'parley.config.schema.json');
  if (process.env['UPDATE_SCHEMA'] === '1') {
    await writeFile(file, `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
  }
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(configJsonSchema());
});

test('every setting has a description in the schema', () => {
  const bare: string[] = [];
  const visit = (node: unknown, at: string) => {
    if (typeof node !== 'object' || node === null || !('properties' in node)) return;
    for (const [key, child] of Object.entries(node.properties ?? {})) {
      if (!('description' in child) && !('properties' in child)) bare.push(`${at}${key}`);
      visit(child, `${at}${key}.`);
    }
  };
  visit(configJsonSchema(), '');
  expect(bare).toEqual([]);
});

test('the example satisfies the schema', async () => {
  const validate = new Ajv({ strict: false }).compile(configJsonSchema());
  expect(validate(parse(await example())), JSON.stringify(validate.errors)).toBe(true);
});

test('the example shows the defaults', async () => {
  const { models: _, personas, ...rest } = await load({}, await example());
  const { models: _none, personas: defaults, ...expected } = await load({});
  expect(rest).toEqual(expected);
  expect({ ...personas, extra: new Map() }).toEqual(defaults);
});

test('the example shows every setting there is', async () => {
  const text = await example();
  const hidden: string[] = [];
  const visit = (node: unknown) => {
    if (typeof node !== 'object' || node === null) return;
    if ('properties' in node) {
      for (const [key, child] of Object.entries(node.properties ?? {})) {
        if (!new RegExp(`^[ #-]*${key}:`, 'm').test(text)) hidden.push(key);
        visit(child);
      }
    }
    if ('additionalProperties' in node) visit(node.additionalProperties);
    if ('items' in node) visit(node.items);
  };
  visit(configJsonSchema());
  expect(hidden).toEqual([]);
});

test('the example shows the default limits of an endpoint', async () => {
  const house = (await load({}, await example())).models.get('house');
  const shown = house?.runs === 'hosted' ? house.limits : {};
  expect(Object.keys(shown)).toHaveLength(7);
  expect(DEFAULT_HOSTED_LIMITS).toMatchObject(shown);
});

test('.env.example lists every variable, and works once its comments are removed', async () => {
  const text = await readFile(path.join(PACKAGE_ROOT, '.env.example'), 'utf8');
  const lines = [...text.matchAll(/^#([A-Z_]+)=(.*)$/gm)];
  expect(lines.map(([, name]) => name).sort()).toEqual(Object.keys(ENVIRONMENT.shape).sort());
  const plain = lines.filter(
    ([, name, value]) => value !== '' && !name?.startsWith('SLACK') && name !== 'PARLEY_API_KEY',
  );
  const env = Object.fromEntries(plain.map(([, name, value]) => [name ?? '', value ?? '']));
  await expect(load(env)).resolves.toBeTruthy();
});
