import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ImportGraph } from '../../running/import-graph.js';
import { dependsOnServers, projectOf, testFiles } from '../../running/which-project.js';

describe('what a file loads', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'parley-imports-'));
    await mkdir(path.join(root, 'deep'));
  });
  afterEach(() => rm(root, { recursive: true }));

  const write = (file: string, ...lines: string[]) => writeFile(path.join(root, file), lines.join('\n'));
  const reaches = (target: string) => new ImportGraph(root).reaches('a.ts', new Set([target]));

  test('is found through other files, in every form of an import', async () => {
    await write('a.ts', 'import { b,', "  c } from './deep/b.js';", "import './page.jsx';");
    await write('deep/b.ts', "export * from '../c.js';", "const d = await import('./d.mjs');");
    await write('c.ts', "import { a } from './a.js';", "import net from 'node:net';");
    await write('deep/d.mjs', "import 'node:child_process';");
    await write('page.tsx', "import { render } from 'preact';");
    for (const target of ['c.ts', 'deep/d.mjs', 'node:net', 'node:child_process', 'preact'])
      expect(reaches(target), target).toBe(true);
    expect(reaches('node:http')).toBe(false);
  });

  test('is not what only lends it a type', async () => {
    await write('a.ts', "import type { Socket } from 'node:net';", "export type { B } from './b.js';");
    expect(reaches('node:net')).toBe(false);
    expect(reaches('b.ts')).toBe(false);
  });
});

describe('test files', () => {
  test.each([
    ['tests/end-to-end/http.test.ts', 'processes', false],
    ['tests/end-to-end/fleet/fleet.test.ts', 'processes', true],
    ['tests/end-to-end/crash/crash-points-servers.test.ts', 'processes', true],
    ['tests/unit/workers/providers/llama-cpp/supervision.test.ts', 'processes', false],
    ['tests/browser/chat/chat.test.ts', 'browser', false],
    ['tests/unit/running/import-graph.test.ts', 'shared', false],
    ['tests/unit/storage/database/query-errors.test.ts', 'shared', true],
    ['tests/contracts/exchange/live-events.test.ts', 'shared', true],
    ['tests/unit/pipeline/accept/inbox.test.ts', 'shared', false],
  ])('%s is one of %s; depends on servers: %s', (file, project, servers) => {
    expect(testFiles()).toContain(file);
    expect([projectOf(file), dependsOnServers(file)]).toEqual([project, servers]);
  });
});
