import { type Role, type RunningRole, requireServers, startRole } from '../compose/role.js';
import { catalogOfConfig } from './catalog-of-config.js';
import { getFirstModels } from './get-first-models.js';
import type { RunOptions } from './run-options.js';
import { runUntilStopped } from './run-until-stopped.js';
import { webLines, webUrl } from './web-url.js';

/**
 * `parley gateway`, `parley worker`, `parley web`: runs one role until `options.signal` aborts, then stops it.
 *
 * @throws {ExpectedFailure} `setup` where it cannot run
 */
export async function runRole(role: Role, options: RunOptions): Promise<void> {
  const { config, clock, log, output, signal } = options;
  requireServers(role, config);
  const catalog = catalogOfConfig(config, options);
  const missing = role === 'worker' ? await getFirstModels(catalog, options) : new Set<string>();
  signal.throwIfAborted();
  const starting = startRole(role, config, { catalog, clock, log, missing, signal });
  await runUntilStopped(
    starting,
    async (running) => output.out((await report(role, running)).join('\n')),
    options,
  );
}

async function report(role: Role, { address, platforms, serves }: RunningRole): Promise<string[]> {
  const lines = [`Parley's ${role} runs: data in PostgreSQL, queue on Redis.`];
  if (address !== null) {
    const url = webUrl(address);
    lines.push(...(role === 'web' ? webLines(url) : [`  health    ${url}/healthz`]));
  }
  if (serves.length > 0) lines.push(`  models    ${serves.join(', ')}`);
  await Promise.all(platforms.map(({ settled }) => settled));
  for (const { name, state } of platforms) lines.push(`  ${name.padEnd(9)} ${state()}`);
  return lines;
}
