import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { loadConfig } from '../../../src/config/load-config.js';

/** For the tests of a file: a folder of its own for each, where Parley is started. */
export function withConfigFolder() {
  let cwd = '';
  beforeEach(async () => {
    cwd = await mkdtemp(path.join(os.tmpdir(), 'config-'));
  });
  afterEach(() => rm(cwd, { recursive: true, force: true }));

  const write = (name: string, text: string) => writeFile(path.join(cwd, name), text);
  const load = (env: Record<string, string> = {}) => loadConfig({ env, cwd });
  return {
    load,
    write,
    yaml: (text: string) => write('parley.config.yaml', text),
    within: (name: string) => path.join(cwd, name),
    async problemsOf(env: Record<string, string> = {}): Promise<string> {
      const failure = await load(env).then(
        () => {
          throw new Error('the configuration was accepted');
        },
        (error: unknown) => error,
      );
      expect(failure).toMatchObject({ name: 'ExpectedFailure', kind: 'setup', retryable: false });
      return failure instanceof Error ? failure.message : '';
    },
  };
}
