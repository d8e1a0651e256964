import { once } from 'node:events';
import { type Parley, startParley } from '../compose.js';
import type { ParleyConfig } from '../config/parley-config.js';
import { ExpectedFailure } from '../domain/failure.js';
import type { ModelCatalog } from '../models/catalog/model-catalog.js';
import { catalogOfConfig } from './catalog-of-config.js';
import type { RunOptions } from './run-options.js';

/**
 * `parley start`: runs until `options.signal` aborts, then stops all it started.
 *
 * @throws {ExpectedFailure} `setup` where it cannot run
 */
export async function start(options: RunOptions): Promise<void> {
  const { config, clock, log, output, signal } = options;
  const catalog = catalogOfConfig(config, options);
  const missing = await getDefaultModel(catalog, options);
  signal.throwIfAborted();
  const parley = await startParley(config, { catalog, clock, log, serve: true });
  try {
    for (const line of await startReport(config, parley, missing)) output.out(line);
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    await parley.stop();
  }
}

/**
 * Gets the default model's file before anything else, with its progress on the terminal.
 *
 * @returns what to do, in a sentence, where no source gave it: the rest runs all the same
 */
export async function getDefaultModel(
  catalog: ModelCatalog,
  options: Pick<RunOptions, 'config' | 'log' | 'progress' | 'signal'>,
): Promise<string | null> {
  const { config, log, progress, signal } = options;
  const entry = await catalog.entry(config.defaultModel);
  if (entry.runs === 'hosted') return null;
  try {
    const allowDownload = config.downloads.allowed;
    await catalog.resolve(entry.alias, { allowDownload, signal, onProgress: progress.forModel(entry.alias) });
    return null;
  } catch (error) {
    if (!(error instanceof ExpectedFailure)) throw error;
    log.warn({ model: entry.alias, kind: error.kind }, error.message);
    return error.message;
  } finally {
    progress.stop();
  }
}

/** A few lines: what runs, where to talk to it, what would connect the rest. */
async function startReport(config: ParleyConfig, parley: Parley, missing: string | null): Promise<string[]> {
  const { address, models, platforms } = parley;
  const place = parley.database === 'embedded' ? config.dataDir : 'PostgreSQL';
  const queue = config.redisUrl === null ? '' : ', queue on Redis';
  const lines = [`Parley runs: model ${models.defaultAlias}, data in ${place}${queue}.`];
  if (missing !== null) lines.push(`  model     ${missing}`);
  if (address)
    lines.push(`  HTTP      http://${hostInUrl(address.host)}:${address.port} (POST /api/question)`);
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

function hostInUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
