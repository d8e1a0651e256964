import { catalogOfConfig } from '../../src/cli/catalog-of-config.js';
import { startParley } from '../../src/compose/parley.js';
import { loadConfig } from '../../src/config/load-config.js';
import { createLog } from '../../src/process/logger.js';
import { systemClock } from '../../src/process/system-clock.js';

// A process of its own, so that only Parley's memory is measured: all roles, as `parley start` has them.

/** Bytes, after the garbage was collected. */
export interface MemorySample {
  readonly heapUsed: number;
  readonly external: number;
  readonly rss: number;
}

const config = await loadConfig({ env: process.env, cwd: process.cwd() });
const log = createLog(config.logLevel);
const catalog = catalogOfConfig(config, { clock: systemClock, log, env: process.env });
const { signal } = new AbortController();
const parley = await startParley(config, { catalog, clock: systemClock, log, serve: true, signal });
await Promise.all(parley.platforms.map(({ settled }) => settled));

process.on('message', (request) => {
  if (request === 'stop') void parley.stop().then(() => process.disconnect());
  else process.send?.(measure());
});
process.send?.(parley.address?.port);

function measure(): MemorySample {
  // The first round lets go of what finalizers and weak references hold.
  for (let i = 0; i < 3; i++) globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heapUsed, external, rss };
}
