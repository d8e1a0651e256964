import { z } from 'zod';
import { address, httpAddress, numeral, oneOf, startingWith } from './field.js';

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const opaque = () => z.string().regex(/^\S+$/, { error: 'the value alone, without spaces' });

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
  SLACK_BOT_TOKEN: startingWith('xoxb-', 'OAuth & Permissions → Bot User OAuth Token')
    .optional()
    .describe("The Slack bot's token. Unset: Slack is not connected."),
  SLACK_APP_TOKEN: startingWith('xapp-', 'Basic Information → App-Level Tokens, scope connections:write')
    .optional()
    .describe('App-level token: events come over Socket Mode. Wins where SLACK_SIGNING_SECRET is set too.'),
  SLACK_SIGNING_SECRET: opaque()
    .optional()
    .describe('Signing secret: events come over HTTP, to SLACK_PORT, path /slack/events.'),
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
  PARLEY_MODEL: z
    .string()
    .optional()
    .describe(
      'Default model: an alias, or the path of a .gguf file. Wins over `model` in parley.config.yaml.',
    ),
  PARLEY_HOST: z
    .string()
    .regex(/^[\w.:-]+$/, { error: 'an address or host name to listen on, such as 127.0.0.1' })
    .default('127.0.0.1')
    .describe('Address the HTTP API listens on.'),
  PARLEY_PORT: numeral(0, 65_535).default(3000).describe('Port of the HTTP API; 0 takes any free one.'),
  PARLEY_API_KEY: z
    .string()
    .regex(/^[\x21-\x7e]{8,}$/, { error: 'at least 8 visible ASCII characters without spaces' })
    .optional()
    .describe('Bearer token that every /api call must carry. Unset: PARLEY_HOST must be a loopback address.'),
  LOGGING_URL: httpAddress('https://logs.example.org/parley')
    .optional()
    .describe('Finished turns are posted here; https unless loopback. Unset: nowhere.'),
  LOGGING_SECRET: opaque().optional().describe('Key of the HMAC-SHA256 signature of what is posted there.'),
  LOG_LEVEL: oneOf(LOG_LEVELS).default('info').describe('How much is logged.'),
});

export type Environment = z.output<typeof ENVIRONMENT>;

/** Variables whose value no message and no listing may show. */
export const SECRET_VARIABLES: ReadonlySet<string> = new Set([
  'DISCORD_TOKEN',
  'SLACK_BOT_TOKEN',
  'SLACK_APP_TOKEN',
  'SLACK_SIGNING_SECRET',
  'HF_TOKEN',
  'OPENAI_API_KEY',
  'DATABASE_URL',
  'REDIS_URL',
  'PARLEY_API_KEY',
  'LOGGING_SECRET',
]);
