import { z } from 'zod';
import { address, httpAddress, numeral, oneOf, startingWith } from './field.js';

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const opaque = () => z.string().regex(/^\S+$/, { error: 'the value alone, without spaces' });

/** The newest first. 43 digits of base64 are 32 bytes and two bits. */
const encryptionKeys = () =>
  z
    .string()
    .transform((text) => text.split(',').map((key) => key.trim()))
    .refine((keys) => keys.every((key) => /^([A-Za-z0-9+/_-]{43}=?|[0-9a-fA-F]{64})$/.test(key)), {
      error: '32 bytes in base64, as "openssl rand -base64 32" prints; several are parted by commas',
    });

/** Every environment variable that is read, besides those that a model entry's `apiKeyVariable` names. */
export const ENVIRONMENT = z.object({
  DISCORD_TOKEN: z
    .string()
    .regex(/^\S+$/, {
      error: 'the token of the application\'s "Bot" page alone, without the word "Bot" before it',
    })
    .optional()
    .describe("The Discord bot's token. Unset: Discord is not connected."),
  DISCORD_API_URL: httpAddress('https://discord.com/api')
    .default('https://discord.com/api')
    .describe('Where the Discord API is, for proxies and test servers.'),
  DISCORD_PROXY_PORT: numeral(0, 65_535)
    .optional()
    .describe(
      'In a fleet: the gateway takes the Discord requests of all its processes on this port, so that they keep the limits together. 0: any free one. Unset: each process sends its own.',
    ),
  DISCORD_PROXY_HOST: z
    .string()
    .regex(/^[\w.:-]+$/, { error: 'an address or host name to listen on, such as 127.0.0.1' })
    .default('127.0.0.1')
    .describe('Address that DISCORD_PROXY_PORT is opened on.'),
  DISCORD_PROXY_URL: httpAddress('http://gateway:3002')
    .optional()
    .describe(
      'Where other processes reach the proxy. With DISCORD_PROXY_PORT: announced to them. Without: used, whatever is announced.',
    ),
  SLACK_BOT_TOKEN: startingWith('xoxb-', 'OAuth & Permissions → Bot User OAuth Token')
    .optional()
    .describe("The Slack bot's token in its one workspace. Without it and SLACK_CLIENT_ID: no Slack."),
  SLACK_APP_TOKEN: startingWith('xapp-', 'Basic Information → App-Level Tokens, scope connections:write')
    .optional()
    .describe('App-level token: events come over Socket Mode. Wins where SLACK_SIGNING_SECRET is set too.'),
  SLACK_SIGNING_SECRET: opaque()
    .optional()
    .describe('Signing secret: events come over HTTP, to SLACK_PORT, path /slack/events.'),
  SLACK_CLIENT_ID: z
    .string()
    .regex(/^\d+\.\d+$/, { error: 'the Client ID of Basic Information → App Credentials: 123.456' })
    .optional()
    .describe('Client ID of a Slack app that several workspaces install, in place of SLACK_BOT_TOKEN.'),
  SLACK_CLIENT_SECRET: opaque()
    .optional()
    .describe('Client Secret of that app: Basic Information → App Credentials.'),
  SLACK_STATE_SECRET: z
    .string()
    .regex(/^\S{16,}$/, { error: 'at least 16 characters without spaces' })
    .optional()
    .describe('Signs the state of an installation. Unset: made of SLACK_CLIENT_SECRET.'),
  SLACK_PORT: numeral(0, 65_535).default(3001).describe('Port that takes Slack events over HTTP.'),
  SLACK_API_URL: httpAddress('https://slack.com/api')
    .default('https://slack.com/api')
    .describe('Where the Slack Web API is, for proxies and test servers.'),
  HF_TOKEN: opaque().optional().describe('Hugging Face token, for hosted models and gated files.'),
  HF_BASE_URL: httpAddress('https://router.huggingface.co')
    .optional()
    .describe("A server that speaks Hugging Face's inference API in place of the public one."),
  OPENAI_API_KEY: opaque().optional().describe('Key of the OpenAI-compatible endpoint.'),
  OPENAI_BASE_URL: httpAddress('http://127.0.0.1:8000/v1')
    .optional()
    .describe("An OpenAI-compatible endpoint, with its /v1. Unset: OpenAI's own."),
  DATABASE_URL: address(['postgres:', 'postgresql:'], 'postgresql://user:password@host:5432/parley')
    .optional()
    .describe('PostgreSQL. Unset: the embedded database in PARLEY_DATA_DIR.'),
  REDIS_URL: address(['redis:', 'rediss:'], 'redis://host:6379')
    .optional()
    .describe('Redis for the queue. Unset: the queue lives in the database.'),
  PARLEY_DATA_DIR: z
    .string()
    .default('./data')
    .describe('Folder of the embedded database, models and caches.'),
  PARLEY_ENCRYPTION_KEY: encryptionKeys()
    .optional()
    .describe('Encrypts tokens in the database: 32 bytes in base64. After a comma, keys it replaces.'),
  PARLEY_MODEL: z
    .string()
    .optional()
    .describe(
      'Default model: an alias, or the path of a .gguf file. Wins over `model` in parley.config.yaml.',
    ),
  PARLEY_WORKER_MODELS: z
    .string()
    .transform((list) => list.split(/[\s,]+/).filter((alias) => alias !== ''))
    .optional()
    .describe(
      'Aliases that "parley worker" serves, with commas between. Wins over `worker.models` in parley.config.yaml.',
    ),
  PARLEY_HOST: z
    .string()
    .regex(/^[\w.:-]+$/, { error: 'an address or host name to listen on, such as 127.0.0.1' })
    .default('127.0.0.1')
    .describe('Address the HTTP API listens on.'),
  PARLEY_PORT: numeral(0, 65_535)
    .optional()
    .describe('Port of the HTTP API; 0 takes any free one. Unset: 3000, and no port in other roles.'),
  PARLEY_API_KEY: z
    .string()
    .regex(/^[\x21-\x7e]{8,}$/, { error: 'at least 8 visible ASCII characters without spaces' })
    .optional()
    .describe('Bearer token that every /api call must carry. Unset: PARLEY_HOST must be a loopback address.'),
  LOGGING_URL: httpAddress('https://logs.example.org/parley')
    .optional()
    .describe('Finished turns are posted here; https unless loopback. Unset: nowhere.'),
  LOGGING_SECRET: opaque().optional().describe('Key of the HMAC-SHA256 signature of what is posted there.'),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpAddress('http://127.0.0.1:4318')
    .optional()
    .describe('Traces are sent to this collector, over OTLP/HTTP. Unset: nothing is traced.'),
  OTEL_SERVICE_NAME: z.string().default('parley').describe("This process's name in traces."),
  LOG_LEVEL: oneOf(LOG_LEVELS).default('info').describe('How much is logged.'),
});

export type Environment = z.output<typeof ENVIRONMENT>;

/** Variables whose value no message and no listing may show. */
export const SECRET_VARIABLES: ReadonlySet<string> = new Set([
  'DISCORD_TOKEN',
  'SLACK_BOT_TOKEN',
  'SLACK_APP_TOKEN',
  'SLACK_SIGNING_SECRET',
  'SLACK_CLIENT_SECRET',
  'SLACK_STATE_SECRET',
  'HF_TOKEN',
  'OPENAI_API_KEY',
  'DATABASE_URL',
  'REDIS_URL',
  'PARLEY_API_KEY',
  'PARLEY_ENCRYPTION_KEY',
  'LOGGING_URL',
  'LOGGING_SECRET',
]);
