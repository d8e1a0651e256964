import { configDefaults, defineConfig } from 'vitest/config';
import { LongestFirst } from './tests/longest-first.js';

const BROWSER = 'tests/browser/**/*.test.ts';

// biome-ignore lint/style/noDefaultExport: Vitest reads the default export
export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
    // Engines and embedded databases: more than the cores there are would only wait for each other.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'browser',
          include: [BROWSER],
          // One worker goes through all files, so that they share one Chromium and one Parley: tests/browser/shared.ts.
          isolate: false,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'rest',
          include: ['tests/**/*.test.ts'],
          exclude: [...configDefaults.exclude, BROWSER],
        },
      },
    ],
  },
});
