import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadPersonas } from '../../../src/config/load-personas.js';
import { assistant } from '../../../src/pipeline/personas/assistant.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'personas-'));
});
afterAll(() => rm(folder, { recursive: true }));

const sources = { shipped: [assistant], folder: null, extra: new Map(), default: 'assistant' };

describe('loadPersonas', () => {
  test('lays the folder and the configuration over what is shipped', async () => {
    await writeFile(path.join(folder, 'pirate.yaml'), 'system: { en: Arr, zh: 啊 }\ndescription: A pirate\n');
    const extra = new Map([['assistant', { en: 'Mine', zh: '我的' }]]);
    const personas = await loadPersonas({ ...sources, folder, extra });
    expect(personas.get('pirate')).toEqual({
      name: 'pirate',
      description: 'A pirate',
      system: { en: 'Arr', zh: '啊' },
    });
    expect(personas.get('assistant')?.system.en).toBe('Mine');
  });

  test('names the file and what is wrong in it', async () => {
    const broken = path.join(folder, 'broken.yaml');
    await writeFile(broken, 'system: { en: Hi }\n');
    await expect(loadPersonas({ ...sources, folder })).rejects.toThrow(/broken\.yaml[\s\S]*zh/);
    await rm(broken);
  });

  test('refuses a default that does not exist, and a folder that cannot be read', async () => {
    await expect(loadPersonas({ ...sources, default: 'doctor' })).rejects.toThrow(
      'should be one of assistant',
    );
    const missing = path.join(folder, 'missing');
    await expect(loadPersonas({ ...sources, folder: missing })).rejects.toMatchObject({ kind: 'setup' });
  });
});
