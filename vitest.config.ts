import { defineConfig } from 'vitest/config';
import { LongestFirst } from './tests/longest-first.js';

// biome-ignore lint/style/noDefaultExport: Vitest reads the default export
export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    // Safety nets, which a machine at twenty times its load does not reach. A test that measures says so itself.
    testTimeout: 120_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 60_000 } },
    // Engines and embedded databases: more than the cores there are would only wait for each other.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
  },
});
