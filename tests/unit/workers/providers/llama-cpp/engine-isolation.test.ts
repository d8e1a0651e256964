import { once } from 'node:events';
import { readFile, readlink } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { ENVIRONMENT } from '../../../../../src/config/environment.js';
import { startEngineParent } from './engine-parent.js';

const LOAD = `const { pid } = await provider.load('scripted');
process.stdout.write(String(pid));`;

/** The environment (`NAME=value`) and working directory of an engine whose parent has `environment` beside its own. */
async function engineOf(environment: Record<string, string>) {
  const parent = await startEngineParent({ reply: 'Hello.' }, LOAD, environment);
  const [pid] = await once(parent.stdout, 'data');
  const variables = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0').filter(Boolean);
  return { variables, cwd: await readlink(`/proc/${pid}/cwd`) };
}

test.runIf(process.platform === 'linux')(
  'the process that reads a model file has none of Parley’s variables, and stands in no folder of anybody’s',
  async () => {
    const names = [
      ...Object.keys(ENVIRONMENT.shape),
      'KEY_OF_AN_ENTRY',
      'AWS_SECRET_ACCESS_KEY',
      'NVIDIA_API_KEY',
    ];
    const marked = Object.fromEntries(names.map((name) => [name, `MARKED-${name}`]));
    const { variables, cwd } = await engineOf({ ...marked, CUDA_VISIBLE_DEVICES: '' });
    expect(names).toEqual(expect.arrayContaining(['DISCORD_TOKEN', 'DATABASE_URL', 'PARLEY_ENCRYPTION_KEY']));
    expect(variables.filter((variable) => variable.includes('MARKED'))).toEqual([]);
    const kept = variables
      .map((variable) => variable.split('=')[0] ?? '')
      .filter((name) => names.includes(name));
    expect(kept).toEqual([]);
    // What it was given shows: the search looked at an environment.
    expect(variables).toContain('CUDA_VISIBLE_DEVICES=');
    expect(cwd).toBe('/');
  },
);
