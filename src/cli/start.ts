import { type Parley, startParley } from '../compose/parley.js';
import type { ParleyConfig } from '../config/parley-config.js';
import { catalogOfConfig } from './catalog-of-config.js';
import { getFirstModels } from './get-first-models.js';
import type { RunOptions } from './run-options.js';
import { runUntilStopped } from './run-until-stopped.js';
import { webLines, webUrl } from './web-url.js';

/**
 * `parley start`: runs until `options.signal` aborts, then stops all it started.
 *
 * @throws {ExpectedFailure} `setup` where it cannot run
 */
export async function start(options: RunOptions): Promise<void> {
  const { config, clock, log, output, signal } = options;
  const catalog = catalogOfConfig(config, options);
  const missing = await getFirstModels(catalog, options);
  signal.throwIfAborted();
  const starting = startParley(config, { catalog, clock, log, serve: true, missing, signal });
  await runUntilStopped(
    starting,
    async (parley) => output.out((await startReport(config, parley, missing)).join('\n')),
    options,
  );
}

/** A few lines: what runs, where to talk to it, what would connect the rest. */
async function startReport(
  config: ParleyConfig,
  parley: Parley,
  missing: ReadonlySet<string>,
): Promise<string[]> {
  const { address, models, platforms } = parley;
  const place = parley.database === 'embedded' ? config.dataDir : 'PostgreSQL';
  const queue = config.redisUrl === null ? '' : ', queue on Redis';
  const lines = [`Parley runs: model ${models.defaultAlias}, data in ${place}${queue}.`];
  if (missing.has(models.defaultAlias))
    lines.push(`  model     ${models.defaultAlias} cannot answer yet: npx parley doctor says why`);
  if (address) lines.push(...webLines(webUrl(address)));
  lines.push('  terminal  npm run chat');
  await Promise.all(platforms.map(({ settled }) => settled));
  for (const { name, state } of platforms) lines.push(`  ${name.padEnd(9)} ${state()}`);
  if (config.discord === null)
    lines.push('  Discord   not connected: set DISCORD_TOKEN (README.md, "Connect Discord")');
  if (config.slack === null) {
    lines.push(
      '  Slack     not connected: set SLACK_BOT_TOKEN and SLACK_APP_TOKEN (README.md, "Connect Slack")',
    );
  }
  return lines;
}
