import { defineConfig } from 'vitest/config';
import { LongestFirst } from './tests/running/longest-first.js';
import { dependsOnServers, projectOf, type TestProject, testFiles } from './tests/running/which-project.js';

const files = process.env['TEST_SERVERS'] === 'only' ? testFiles().filter(dependsOnServers) : testFiles();

// biome-ignore lint/style/noDefaultExport: Vitest reads the default export
export default defineConfig({
  test: {
    // Nets for what hangs, wide enough for a machine that has twenty other things to do.
    testTimeout: 120_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 60_000 } },
    // One group after the other, as they differ in how many files are run at once.
    projects: [
      // They wait much: two at once would leave cores idle.
      project('processes', { maxWorkers: 3, groupOrder: 0 }),
      // One worker goes through all files, so that they share one Chromium and one Parley: tests/browser/shared.ts.
      project('browser', { maxWorkers: 1, groupOrder: 1, isolate: false }),
      project('shared', {
        maxWorkers: 2,
        groupOrder: 2,
        isolate: false,
        setupFiles: ['tests/running/leaves-nothing.ts'],
      }),
    ],
  },
});

interface HowToRun {
  readonly maxWorkers: number;
  readonly groupOrder: number;
  readonly isolate?: boolean;
  readonly setupFiles?: string[];
}

function project(name: TestProject, { groupOrder, ...how }: HowToRun) {
  const include = files.filter((file) => projectOf(file) === name);
  const sequence = { groupOrder, sequencer: LongestFirst };
  return { extends: true as const, test: { name, include, sequence, ...how } };
}
