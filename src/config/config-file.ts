import { z } from 'zod';
import { forEachNumber, type NumberName, SAMPLING_NUMBERS, STOP_LIMITS } from '../domain/sampling.js';
import {
  httpAddress,
  list,
  matching,
  name,
  number,
  oneOf,
  section,
  text,
  wholeNumber,
  yesNo,
} from './field.js';

const SAMPLING_SAID: Readonly<Record<NumberName, string>> = {
  temperature: '0 always takes the likeliest token.',
  topK: 'Keep the k likeliest tokens; 0 keeps all.',
  topP: 'Keep the likeliest tokens that add up to this.',
  minP: 'Drop tokens less likely than this share of the likeliest.',
  repeatPenalty: '1 turns it off.',
  maxTokens: 'Longest reply, in tokens.',
  seed: 'Same seed, same prompt: same text. Unset: random.',
};

const SAMPLING = section({
  ...forEachNumber(SAMPLING_NUMBERS, ({ min, max, whole }, name) =>
    (whole ? wholeNumber(min, max) : number(min, max)).optional().describe(SAMPLING_SAID[name]),
  ),
  stop: list(text(STOP_LIMITS.length), STOP_LIMITS.count).optional().describe('Texts that end the reply.'),
});

const sha256 = () => matching(/^[0-9a-f]{64}$/i, 'a SHA-256 in hexadecimal, 64 digits').toLowerCase();

const SOURCE = section({
  path: text(4096).optional().describe('A .gguf file on this machine.'),
  huggingface: matching(/^[\w.-]+\/[\w.-]+$/, 'a repository, owner/name')
    .optional()
    .describe('A Hugging Face repository, owner/name; `file` names the file in it.'),
  file: text(512).optional().describe('File in the Hugging Face repository.'),
  revision: text(128).optional().describe('Branch, tag or commit; main where unset.'),
  url: httpAddress('https://example.org/model.gguf')
    .optional()
    .describe('Where the file is; https unless loopback.'),
  sha256: sha256().optional().describe('What the file must hash to.'),
}).refine(
  (source) =>
    [source.path, source.huggingface, source.url].filter((place) => place !== undefined).length === 1 &&
    (source.huggingface === undefined) === (source.file === undefined),
  { error: 'one place: `path`, or `url`, or `huggingface` with `file`' },
);

const GPU = oneOf(['auto', 'off', 'cuda', 'vulkan', 'metal']);
const contextSize = () => wholeNumber(256, 1_048_576).describe('Tokens that prompt and reply share.');
const threads = () => wholeNumber(1, 512).describe('CPU threads; never more than the machine gives.');
const slots = () => wholeNumber(1, 128).describe('Conversations answered at once.');

const seconds = (max: number) => number(0.1, max);

const LIMITS = section({
  connectSeconds: seconds(120).optional().describe('Until the connection stands. Default 10.'),
  firstTokenSeconds: seconds(3600)
    .optional()
    .describe('From the request to the first token; a cold start takes a minute. Default 60.'),
  betweenTokensSeconds: seconds(3600).optional().describe('Between two tokens. Default 30.'),
  answerSeconds: seconds(86_400).optional().describe('The whole answer, retries included. Default 300.'),
  retries: wholeNumber(0, 10)
    .optional()
    .describe('Further tries before any text came, begun within 15 seconds. Default 2.'),
  breakerFailures: wholeNumber(1, 1000)
    .optional()
    .describe('Failures in a row after which it is left alone. Default 5.'),
  breakerRestSeconds: seconds(3600).optional().describe('How long it is then left alone. Default 30.'),
});

const MODEL = section({
  description: text(100).optional().describe('One line for lists.'),
  sources: list(SOURCE, 8)
    .min(1, { error: 'at least one source' })
    .optional()
    .describe('Tried in this order.'),
  contextSize: contextSize().optional(),
  slots: slots().optional(),
  threads: threads().optional(),
  gpu: GPU.optional().describe('Where the layers go.'),
  lora: list(section({ path: text(4096), scale: number(-10, 10).default(1) }), 8)
    .optional()
    .describe('LoRA adapter files.'),
  endpoint: oneOf(['huggingface', 'openai'])
    .optional()
    .describe('A hosted model: the API it is asked through.'),
  name: text(200).optional().describe("The hosted API's own name of the model."),
  baseUrl: httpAddress('http://127.0.0.1:8000/v1').optional().describe('Another server of that API.'),
  apiKeyVariable: matching(/^[A-Z_][A-Z0-9_]*$/, 'the name of an environment variable')
    .optional()
    .describe('The environment variable with the key, where it is not HF_TOKEN or OPENAI_API_KEY.'),
  provider: text(64).optional().describe('Which Hugging Face inference provider.'),
  concurrency: wholeNumber(1, 1000)
    .optional()
    .describe('Requests under way at once; in a fleet, of all workers together.'),
  limits: LIMITS.optional().describe('Patience with the endpoint; shared by all models asked through it.'),
  beginsInReasoning: yesNo()
    .optional()
    .describe('Answers begin inside hidden reasoning, without an opening tag. Unset: found out.'),
  price: section({
    prompt: number(0, 1_000_000).describe('For a million prompt tokens.'),
    reply: number(0, 1_000_000).describe('For a million reply tokens.'),
  })
    .optional()
    .describe('What it costs, in `currency`; for the estimates among the numbers.'),
  sampling: SAMPLING.optional().describe('Defaults of this model.'),
  fallback: list(name(), 8).optional().describe('Aliases tried in this order when this one cannot answer.'),
});

const userIds = () => list(z.string({ error: 'a user id in quotes' }).min(1), 1000);

const installerIds = () => list(matching(/^[TE][A-Z0-9]+$/, 'a team id T… or an organisation id E…'), 10_000);

/** parley.config.yaml. */
export const CONFIG_FILE = section({
  model: text(4096).optional().describe('Default model: an alias, or the path of a .gguf file.'),
  models: z
    .record(name(), MODEL, { error: 'a mapping of aliases to models' })
    .default({})
    .describe('Your own models by alias; an entry for small, medium or large lies over the built-in one.'),
  currency: matching(/^[A-Z]{3}$/, 'three capital letters as in USD')
    .default('USD')
    .describe('What prices of models are in.'),
  engine: section({
    gpu: GPU.default('auto').describe('Where the layers go.'),
    threads: threads().optional(),
    slots: slots().optional(),
    contextSize: contextSize().optional(),
    unloadAfterMinutes: number(0, 10_080)
      .default(10)
      .describe(
        'A loaded model that nobody used for so long is unloaded, unless it is the default; 0: never.',
      ),
  })
    .prefault({})
    .describe('For local models whose entry says nothing.'),
  downloads: section({
    allowed: yesNo().default(true).describe('false: only models already on this machine are used.'),
    hubUrl: httpAddress('https://huggingface.co')
      .default('https://huggingface.co')
      .describe('The Hugging Face hub or a mirror of it.'),
    python: text(4096).optional().describe('The Python that has pip; found on the PATH where unset.'),
  })
    .prefault({})
    .describe('How model files are got.'),
  sampling: SAMPLING.prefault({}).describe('For models whose entry says nothing.'),
  personas: section({
    default: name().default('assistant').describe('The persona where nobody chose another.'),
    folder: text(4096).optional().describe('Folder of further personas.'),
    extra: z
      .record(name(), section({ en: text(20_000), zh: text(20_000) }), {
        error: 'a mapping of names to personas',
      })
      .default({})
      .describe('Further personas: a system prompt in English and in Chinese.'),
  }).prefault({}),
  language: oneOf(['auto', 'en', 'zh']).default('auto').describe("auto follows the conversation's messages."),
  memory: oneOf(['channel', 'user'])
    .default('channel')
    .describe('Whether everyone in a channel shares one memory, or each user has their own.'),
  followThreads: yesNo()
    .default(false)
    .describe('Answer in a thread without a new mention once the bot takes part in it.'),
  limits: section({
    turnsPerMinute: wholeNumber(1, 10_000)
      .default(10)
      .describe('Questions one user may ask, or have answered again, in a minute.'),
    tokensPerDay: wholeNumber(1, 1_000_000_000)
      .optional()
      .describe('Tokens one user may use in 24 hours; no limit where unset.'),
    messageLength: wholeNumber(1, 100_000).default(8000).describe('Longest message taken, in characters.'),
  }).prefault({}),
  settingsAdmins: section({
    discord: z
      .union([z.enum(['manage-channel', 'everyone']), userIds()], {
        error: 'manage-channel, everyone, or a list of user ids in quotes',
      })
      .default('manage-channel')
      .describe('manage-channel, everyone, or a list of user ids in quotes.'),
    slack: z
      .union([z.enum(['everyone']), userIds()], { error: 'everyone, or a list of user ids' })
      .default([])
      .describe('everyone, or a list of user ids.'),
  })
    .prefault({})
    .describe("Who may change a channel's settings."),
  slack: section({
    mayInstall: z
      .union([z.enum(['everyone']), installerIds()], { error: 'everyone, or a list of team ids in quotes' })
      .default('everyone')
      .describe(
        'With SLACK_CLIENT_ID: everyone, or the team (T…) and organisation (E…) ids that may install.',
      ),
  }).prefault({}),
  delivery: section({
    callAttention: oneOf(['mention', 'message', 'off'])
      .default('mention')
      .describe('How the asker is told that a slow reply is ready.'),
    callAttentionAfterSeconds: wholeNumber(5, 3600).default(60).describe('What counts as slow.'),
    staleAfterMinutes: wholeNumber(1, 10_080)
      .default(60)
      .describe('Older messages, found after a long downtime, are not answered.'),
    catchUp: section({
      withinHours: number(0, 336)
        .default(24)
        .describe('How long ago a message may have been written; 0: none is looked for.'),
      messagesPerChannel: wholeNumber(1, 10_000)
        .default(200)
        .describe('Messages read in one channel, the newest.'),
      messages: wholeNumber(1, 100_000).default(5000).describe('Messages read in all.'),
      channels: wholeNumber(1, 10_000).default(1000).describe('Channels looked into, those spoken in last.'),
      otherChannels: wholeNumber(0, 10_000)
        .default(100)
        .describe('Channels looked into for mentions where nobody spoke to the bot before.'),
      tellMissed: yesNo()
        .default(true)
        .describe('Say in a channel that messages there were found too late to be answered.'),
    })
      .prefault({})
      .describe('What was said on Discord while nothing listened is looked for at the start.'),
  }).prefault({}),
  worker: section({
    models: list(name(), 64)
      .min(1, { error: 'at least one alias' })
      .optional()
      .describe('Aliases that a worker of a fleet serves; whatever can run on its machine where unset.'),
    finishSeconds: wholeNumber(0, 3600)
      .default(5)
      .describe('What a stop leaves to replies being written, before another worker goes on with them.'),
    unservedAfterSeconds: wholeNumber(5, 3600)
      .default(120)
      .describe('How long no worker has to serve a model for its askers to be told.'),
  }).prefault({}),
  logExport: section({
    hashUserNames: yesNo().default(false).describe('Post a hash in place of user names.'),
  })
    .prefault({})
    .describe('What is posted to LOGGING_URL.'),
});

export type ConfigFile = z.output<typeof CONFIG_FILE>;
export type ModelSection = z.output<typeof MODEL>;
export type LimitsSection = z.output<typeof LIMITS>;
export type SourceSection = z.output<typeof SOURCE>;
