import { readdirSync } from 'node:fs';
import path from 'node:path';
import { ImportGraph } from './import-graph.js';

/**
 * How a test file is run.
 *
 * - `browser`: in a browser, on a Parley.
 * - `processes`: in a process of its own, several beside each other, as such tests mostly wait: for processes they
 *   start, for a whole Parley, for time limits.
 * - `shared`: in a process that other files use as well, one after the other: modules are loaded once.
 */
export type TestProject = 'browser' | 'processes' | 'shared';

/** What starts processes, or brings native code along. */
const OF_ITS_OWN = new Set(['node:child_process', 'node-llama-cpp']);
/** Who asks it for servers depends on them. */
const TEST_SERVERS = new Set(['tests/fixtures/test-servers.ts']);
/** Where what a test opens decides: half of it is run again on servers, with nothing else said in the file. */
const STORES = ['tests/contracts/', 'tests/unit/storage/'];

const ROOT = path.resolve(import.meta.dirname, '../..');
const graph = new ImportGraph(ROOT);

/** Every test file, from the repository's root. */
export function testFiles(): string[] {
  return readdirSync(path.join(ROOT, 'tests'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => path.posix.join('tests', file.replaceAll(path.sep, '/')))
    .sort();
}

export function projectOf(file: string): TestProject {
  if (file.startsWith('tests/browser/')) return 'browser';
  if (file.startsWith('tests/end-to-end/')) return 'processes';
  return graph.reaches(file, OF_ITS_OWN) ? 'processes' : 'shared';
}

/**
 * Whether a file proves something on PostgreSQL or Redis that it cannot without: it asks for the servers itself, or is
 * one of the stores' and opens its database there.
 */
export function dependsOnServers(file: string): boolean {
  if (graph.importsOf(file).some((each) => TEST_SERVERS.has(each))) return true;
  return STORES.some((folder) => file.startsWith(folder)) && graph.reaches(file, TEST_SERVERS);
}
