import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { catalogOfConfig } from '../../../src/cli/catalog-of-config.js';
import { composeServing } from '../../../src/compose/serving.js';
import { composeMetrics } from '../../../src/compose/telemetry.js';
import { loadConfig } from '../../../src/config/load-config.js';
import { StopStack } from '../../../src/process/stop-stack.js';
import { systemClock } from '../../../src/process/system-clock.js';
import { RecordedLog } from '../../doubles/recorders/recorded-log.js';

/** A machine without any model file, whose fleet is out of reach. */
async function serving(alone: boolean, servers = true) {
  const cwd = await mkdtemp(path.join(os.tmpdir(), 'serving-'));
  const log = new RecordedLog();
  const stops = new StopStack(log, 15_000);
  onTestFinished(async () => {
    await stops.run();
    await rm(cwd, { recursive: true });
  });
  const env = {
    PARLEY_MODEL: 'large',
    PARLEY_WORKER_MODELS: 'large,medium',
    ...(servers ? { DATABASE_URL: 'postgresql://127.0.0.1:1/none', REDIS_URL: 'redis://127.0.0.1:1' } : {}),
  };
  const config = await loadConfig({ env, cwd });
  const deps = { clock: systemClock, log };
  const catalog = catalogOfConfig(config, { ...deps, env: {} });
  const { fleet } = await composeServing(config, {
    ...deps,
    catalog,
    stops,
    metrics: composeMetrics(systemClock, stops),
    missing: new Set(['large', 'medium']),
    alone,
  });
  return fleet && [...fleet.served.aliases()];
}

test('a worker of a fleet that could get no model does not start', async () => {
  await expect(serving(false)).rejects.toMatchObject({
    kind: 'setup',
    message: expect.stringContaining('npx parley models pull'),
  });
});

test('one that may be alone takes their questions all the same, to say why', async () => {
  expect(await serving(true)).toEqual(['large', 'medium', 'auto']);
});

test('outside a fleet there is nothing to choose', async () => {
  expect(await serving(true, false)).toBeNull();
});
