import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { machineCores } from '../../../workers/providers/llama-cpp/thread-budget.js';
import type { ParleyConfig } from '../../config/parley-config.js';
import type { HostedModelEntry } from '../../domain/models/model-entry.js';
import { freeBytesOf } from '../../models/download/disk-space.js';
import type { Clock } from '../../ports/process/clock.js';
import type { Log } from '../../ports/process/log.js';
import { PACKAGE_ROOT } from '../../process/compiled-entry.js';
import type { Database } from '../../storage/database/database.js';
import { openDatabase } from '../../storage/open-database.js';
import { aesSecretBox } from '../../storage/settings/aes-secret-box.js';
import { PrismaInstallationStore } from '../../storage/settings/installation-store.js';
import { catalogOfConfig, usableMemoryBytes } from '../catalog-of-config.js';
import { discordCheck } from './check-discord.js';
import { huggingFaceCheck, openaiCheck } from './check-hosted.js';
import { type MachineFacts, machineChecks } from './check-machine.js';
import { gpuCheck, modelCheck } from './check-models.js';
import { redisCheck } from './check-redis.js';
import { slackCheck } from './check-slack.js';
import { slackWorkspacesCheck } from './check-slack-workspaces.js';
import { databaseCheck, dataFolderCheck } from './check-storage.js';
import { type Check, ok } from './finding.js';

/** Where entries that name no server are asked. */
const OPENAI_URL = 'https://api.openai.com/v1';

export interface CheckTools {
  readonly log: Log;
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
}

/** What there is to look at in a configuration: nothing that it does not use. */
export function checksOfConfig(config: ParleyConfig, options: CheckTools): readonly Check[] {
  const { clock, env, log } = options;
  const { databaseUrl, dataDir, discord, huggingFace, redisUrl, slack } = config;
  const catalog = catalogOfConfig(config, { clock, log, env });
  const memory = { memoryBytes: usableMemoryBytes(), downloadsAllowed: config.downloads.allowed };
  const url = databaseUrl === null ? {} : { url: databaseUrl };
  const open = oneAtATime((signal) => openDatabase({ ...url, dataDir, clock, log, signal }));
  return [
    { name: 'Configuration', run: async () => [ok('can be used')] },
    ...machineChecks(() => machineFacts(dataDir), wantedThreads(config)),
    dataFolderCheck(dataDir),
    databaseCheck(databaseUrl === null ? 'the embedded database' : 'PostgreSQL', open),
    ...(redisUrl === null ? [] : [redisCheck(redisUrl)]),
    modelCheck(catalog, config.defaultModel, memory),
    gpuCheck(config.engine.gpu, async () => (await import('node-llama-cpp')).getLlamaGpuTypes('supported')),
    ...(discord === null ? [] : [discordCheck(discord)]),
    ...slackChecks(slack, open),
    ...(huggingFace.token === null
      ? []
      : [huggingFaceCheck({ token: huggingFace.token, hubUrl: config.downloads.hubUrl })]),
    ...openaiChecks(config),
  ];
}

/** Checks run beside each other, and the embedded database takes one process, once. */
function oneAtATime(
  open: (signal: AbortSignal) => Promise<Database>,
): (signal: AbortSignal) => Promise<Database> {
  let last: Promise<void> = Promise.resolve();
  return async (signal) => {
    const before = last;
    let done = () => {};
    last = new Promise((resolve) => {
      done = resolve;
    });
    await before;
    try {
      const database = await open(signal);
      return { ...database, stop: () => database.stop().finally(done) };
    } catch (error) {
      done();
      throw error;
    }
  };
}

function slackChecks(
  slack: ParleyConfig['slack'],
  open: (signal: AbortSignal) => Promise<Database>,
): readonly Check[] {
  if (slack === null) return [];
  if (slack.workspaces === 'one') return [slackCheck(slack)];
  const box = aesSecretBox(slack.encryptionKeys);
  const check = slackWorkspacesCheck(slack, async (look, signal) => {
    const database = await open(signal);
    try {
      return await look(new PrismaInstallationStore(database.prisma, box));
    } finally {
      await database.stop();
    }
  });
  return [check];
}

/** One check per server and key; the server of OPENAI_BASE_URL also where no entry uses it. */
function openaiChecks({ models, openai }: ParleyConfig): readonly Check[] {
  const hosted = [...models.values()].filter(
    (entry): entry is HostedModelEntry => entry.runs === 'hosted' && entry.api === 'openai',
  );
  const servers: { url: string; apiKey: string | null; entries: HostedModelEntry[] }[] = [];
  if (openai.baseUrl !== null || openai.apiKey !== null)
    servers.push({ url: openai.baseUrl ?? OPENAI_URL, apiKey: openai.apiKey, entries: [] });
  for (const entry of hosted) {
    const { baseUrl, apiKey } = entry;
    const url = baseUrl ?? OPENAI_URL;
    const known = servers.find((server) => server.url === url && server.apiKey === apiKey);
    if (known) known.entries.push(entry);
    else servers.push({ url, apiKey, entries: [entry] });
  }
  return servers.map(({ url, apiKey, entries }) => openaiCheck(url, apiKey, entries));
}

function wantedThreads({ engine, models }: ParleyConfig): { alias: string; threads: number }[] {
  const own = [...models.values()].flatMap((entry) =>
    entry.runs === 'local' && entry.threads !== null ? [{ alias: entry.alias, threads: entry.threads }] : [],
  );
  return engine.threads === null ? own : [{ alias: 'engine', threads: engine.threads }, ...own];
}

/** Facts of this machine, and of the disk that `folder` is or will be on. */
export async function machineFacts(folder: string): Promise<MachineFacts> {
  const manifest = z
    .object({ engines: z.object({ node: z.string() }) })
    .parse(JSON.parse(await readFile(path.join(PACKAGE_ROOT, 'package.json'), 'utf8')));
  const { cores, quota } = await machineCores();
  return {
    nodeVersion: process.versions.node,
    nodeFloor: manifest.engines.node.replace('>=', ''),
    cores: Math.max(1, Math.floor(Math.min(cores, quota ?? cores))),
    memoryBytes: usableMemoryBytes(),
    diskFreeBytes: await freeBytesOf(await existing(folder)),
  };
}

/** The folder, or the nearest one above it that is there already. */
async function existing(folder: string): Promise<string> {
  for (let above = folder; ; above = path.dirname(above)) {
    if ((await stat(above).catch(() => null)) !== null || above === path.dirname(above)) return above;
  }
}
