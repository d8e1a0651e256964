import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { ExpectedFailure } from '../domain/failure.js';
import { BUILT_IN_ALIASES, type ModelEntry } from '../domain/models/model-entry.js';
import { DEFAULT_SAMPLING, mergeSampling } from '../domain/sampling.js';
import { HOUR_MS, MINUTE_MS } from '../domain/time/duration.js';
import type { ConfigFile } from './config-file.js';
import { type ConfigProblem, describeProblems } from './config-problem.js';
import type { Environment } from './environment.js';
import { modelEntries, unknownAlias } from './model-entries.js';
import type { ParleyConfig } from './parley-config.js';
import { readConfigFile } from './read-config-file.js';
import {
  layEnvironment,
  misspeltVariables,
  type RawEnvironment,
  readEnvironment,
} from './read-environment.js';

const CONFIG_FILE_NAME = 'parley.config.yaml';

export interface ConfigSources {
  readonly env: RawEnvironment;
  /** Folder of `.env` and `parley.config.yaml`; relative paths in either start here. */
  readonly cwd: string;
}

/**
 * Reads the environment, `.env` and `parley.config.yaml`, the first strongest.
 *
 * @throws {ExpectedFailure} `setup`, whose message lists every problem, one a line, without secrets
 */
export async function loadConfig({ env, cwd }: ConfigSources): Promise<ParleyConfig> {
  const dotenv = parseEnv((await readOptional(path.join(cwd, '.env'))) ?? '') as RawEnvironment;
  const raw = layEnvironment(env, dotenv);
  const environment = readEnvironment(raw);
  const file = readConfigFile((await readOptional(path.join(cwd, CONFIG_FILE_NAME))) ?? '', CONFIG_FILE_NAME);
  const problems = [
    ...misspeltVariables(raw, new Set(Object.keys(dotenv))),
    ...environment.problems,
    ...file.problems,
  ];
  if (environment.values !== null && file.values !== null) {
    const around = { environment: environment.values, raw, folder: cwd, place: file.place };
    const models = modelEntries(file.values, around);
    const choice = defaultModel(environment.values, file.values, models.entries, around);
    const served = workerModels(environment.values, file.values, models.entries, around);
    problems.push(...models.problems, ...choice.problems, ...served.problems);
    if (problems.length === 0)
      return assemble(environment.values, file.values, cwd, models.entries, choice.alias, served.models);
  }
  throw new ExpectedFailure('setup', describeProblems(problems));
}

async function readOptional(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ENOENT') return null;
    throw new ExpectedFailure('setup', `${file} cannot be read (${String(code)}).`, { cause: error });
  }
}

/** The alias that answers by default. The path of a .gguf file becomes an entry of its own, named after the file. */
function defaultModel(
  environment: Environment,
  file: ConfigFile,
  entries: Map<string, ModelEntry>,
  around: { readonly folder: string; place(path: readonly PropertyKey[]): string },
): { readonly alias: string; readonly problems: readonly ConfigProblem[] } {
  const where = environment.PARLEY_MODEL === undefined ? around.place(['model']) : 'PARLEY_MODEL';
  const asked = environment.PARLEY_MODEL ?? file.model ?? 'auto';
  const known = [...BUILT_IN_ALIASES, ...entries.keys()];
  if (!asked.toLowerCase().endsWith('.gguf')) {
    const right = unknownAlias(asked, known);
    const problem = { where, wrong: `is "${asked}"`, right: `${right}, or give the path of a .gguf file` };
    return { alias: asked, problems: right === null ? [] : [problem] };
  }
  const alias = freeAlias(path.basename(asked).slice(0, -'.gguf'.length), known);
  const { engine } = file;
  entries.set(alias, {
    runs: 'local',
    alias,
    description: '',
    sources: [{ type: 'file', path: path.resolve(around.folder, asked) }],
    contextSize: engine.contextSize ?? null,
    gpu: engine.gpu,
    threads: engine.threads ?? null,
    slots: engine.slots ?? null,
    lora: [],
    sampling: {},
    fallback: [],
    beginsInReasoning: null,
  });
  return { alias, problems: [] };
}

/** The aliases that a worker of a fleet serves, checked; null where nobody lists them. */
function workerModels(
  environment: Environment,
  file: ConfigFile,
  entries: ReadonlyMap<string, ModelEntry>,
  around: { place(path: readonly PropertyKey[]): string },
): { readonly models: readonly string[] | null; readonly problems: readonly ConfigProblem[] } {
  const fromEnvironment = environment.PARLEY_WORKER_MODELS;
  const models = fromEnvironment ?? file.worker.models ?? null;
  const known = [...BUILT_IN_ALIASES, ...entries.keys()];
  const problems = (models ?? []).flatMap((alias, index) => {
    const right = unknownAlias(alias, known);
    const where = fromEnvironment ? 'PARLEY_WORKER_MODELS' : around.place(['worker', 'models', index]);
    return right === null ? [] : [{ where, wrong: `names "${alias}"`, right }];
  });
  return { models, problems };
}

function freeAlias(fileName: string, taken: readonly string[]): string {
  const base = fileName
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 27);
  const alias = base === '' ? 'file' : base;
  return taken.includes(alias) ? `${alias}-file` : alias;
}

function assemble(
  env: Environment,
  file: ConfigFile,
  cwd: string,
  models: ReadonlyMap<string, ModelEntry>,
  defaultAlias: string,
  workerModels: readonly string[] | null,
): ParleyConfig {
  const { engine, downloads, personas, limits, delivery, worker } = file;
  return {
    dataDir: path.resolve(cwd, env.PARLEY_DATA_DIR),
    logLevel: env.LOG_LEVEL,
    discord: discordConfig(env),
    slack: slackConfig(env, file),
    web: {
      host: env.PARLEY_HOST,
      port: env.PARLEY_PORT ?? 3000,
      portIsSet: env.PARLEY_PORT !== undefined,
      apiKey: env.PARLEY_API_KEY ?? null,
    },
    databaseUrl: env.DATABASE_URL ?? null,
    redisUrl: env.REDIS_URL ?? null,
    traces:
      env.OTEL_EXPORTER_OTLP_ENDPOINT === undefined
        ? null
        : { endpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT, service: env.OTEL_SERVICE_NAME },
    huggingFace: { token: env.HF_TOKEN ?? null, baseUrl: env.HF_BASE_URL ?? null },
    openai: { apiKey: env.OPENAI_API_KEY ?? null, baseUrl: env.OPENAI_BASE_URL ?? null },
    defaultModel: defaultAlias,
    models,
    currency: file.currency,
    engine: {
      gpu: engine.gpu,
      threads: engine.threads ?? null,
      slots: engine.slots ?? null,
      contextSize: engine.contextSize ?? null,
      unloadAfterMs: engine.unloadAfterMinutes === 0 ? null : engine.unloadAfterMinutes * MINUTE_MS,
    },
    downloads: { hubUrl: downloads.hubUrl, allowed: downloads.allowed, python: downloads.python ?? null },
    sampling: mergeSampling(file.sampling, DEFAULT_SAMPLING),
    personas: {
      default: personas.default,
      folder: personas.folder === undefined ? null : path.resolve(cwd, personas.folder),
      extra: new Map(Object.entries(personas.extra)),
    },
    language: file.language,
    memory: file.memory,
    followThreads: file.followThreads,
    limits: {
      turnsPerMinute: limits.turnsPerMinute,
      tokensPerDay: limits.tokensPerDay ?? null,
      messageLength: limits.messageLength,
    },
    settingsAdmins: file.settingsAdmins,
    delivery: {
      callAttention: delivery.callAttention,
      callAttentionAfterMs: delivery.callAttentionAfterSeconds * 1000,
      staleAfterMs: delivery.staleAfterMinutes * MINUTE_MS,
      catchUp: {
        withinMs: delivery.catchUp.withinHours * HOUR_MS,
        perChannel: delivery.catchUp.messagesPerChannel,
        messages: delivery.catchUp.messages,
        channels: delivery.catchUp.channels,
        otherChannels: delivery.catchUp.otherChannels,
        tellMissed: delivery.catchUp.tellMissed,
      },
    },
    worker: {
      models: workerModels,
      finishMs: worker.finishSeconds * 1000,
      unservedAfterMs: worker.unservedAfterSeconds * 1000,
    },
    logExport:
      env.LOGGING_URL === undefined
        ? null
        : {
            url: env.LOGGING_URL,
            secret: env.LOGGING_SECRET ?? null,
            hashUserNames: file.logExport.hashUserNames,
          },
  };
}

function discordConfig(env: Environment): ParleyConfig['discord'] {
  const { DISCORD_TOKEN: token, DISCORD_API_URL: apiUrl, DISCORD_PROXY_PORT: port } = env;
  if (token === undefined) return null;
  const listen = port === undefined ? null : { host: env.DISCORD_PROXY_HOST, port };
  return { token, apiUrl, proxy: { listen, url: env.DISCORD_PROXY_URL ?? null } };
}

function slackConfig(env: Environment, { slack: { mayInstall } }: ConfigFile): ParleyConfig['slack'] {
  const { SLACK_BOT_TOKEN: botToken, SLACK_APP_TOKEN: appToken, SLACK_SIGNING_SECRET: signingSecret } = env;
  const apiUrl = env.SLACK_API_URL;
  const http = { mode: 'http', signingSecret: signingSecret ?? '', port: env.SLACK_PORT } as const;
  if (env.SLACK_CLIENT_ID !== undefined)
    return {
      workspaces: 'several',
      oauth: {
        clientId: env.SLACK_CLIENT_ID,
        clientSecret: env.SLACK_CLIENT_SECRET ?? '',
        stateSecret: env.SLACK_STATE_SECRET ?? null,
        mayInstall,
      },
      encryptionKeys: env.PARLEY_ENCRYPTION_KEY ?? [],
      apiUrl,
      receiver: http,
    };
  if (botToken === undefined) return null;
  const receiver = appToken === undefined ? http : ({ mode: 'socket', appToken } as const);
  return { workspaces: 'one', botToken, apiUrl, receiver };
}
