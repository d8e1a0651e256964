import { z } from 'zod';
import { DEFAULTED_NUMBERS, forEachNumber } from '../../src/domain/sampling.js';

/*
 * What a provider and its engine say to each other over the child's IPC channel: one model, one child.
 * Every generation has an id of the provider's choosing; the engine forgets it with `finish` or `failed`.
 */

export const GPU_CHOICES = ['auto', 'off', 'cuda', 'vulkan', 'metal'] as const;
export type GpuChoice = (typeof GPU_CHOICES)[number];

const FAILURE_KINDS = [
  'provider-unavailable',
  'provider-overloaded',
  'provider-rejected',
  'model-missing',
  'model-unserved',
  'context-overflow',
  'empty-answer',
  'bad-input',
  'setup',
] as const;

const tokens = z.number().int().nonnegative();

const LoadOptions = z.object({
  /** The GGUF file; of a split model, its first part. */
  path: z.string(),
  /** Tokens per slot that prompt and reply share. Capped at what the model was trained on. */
  contextSize: z.number().int().positive(),
  /** Conversations that can be answered at once. */
  slots: z.number().int().positive(),
  threads: z.number().int().positive(),
  gpu: z.enum(GPU_CHOICES),
  lora: z.array(z.object({ path: z.string(), scale: z.number() })),
  /** Where evicted conversations wait on disk; null keeps none. */
  stateCache: z.object({ folder: z.string(), maxBytes: z.number().int().nonnegative() }).nullable(),
});
export type LoadOptions = z.infer<typeof LoadOptions>;

const PromptMessages = z.array(
  z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() }),
);

const Sampling = z.object({
  ...forEachNumber(DEFAULTED_NUMBERS, () => z.number()),
  seed: z.number().optional(),
  stop: z.array(z.string()),
});

/** From the provider to its engine. `load` comes first and once. */
export const ToEngine = z.discriminatedUnion('type', [
  z.object({ type: z.literal('load'), options: LoadOptions }),
  z.object({ type: z.literal('count'), id: z.number(), prompt: PromptMessages }),
  z.object({
    type: z.literal('generate'),
    id: z.number(),
    prompt: PromptMessages,
    sampling: Sampling,
    cacheKey: z.string(),
  }),
  z.object({ type: z.literal('abort'), id: z.number() }),
  z.object({ type: z.literal('forget'), id: z.number(), cacheKey: z.string() }),
  z.object({ type: z.literal('ping'), id: z.number() }),
  /** Save what is worth it, then leave. Sent while nothing runs. */
  z.object({ type: z.literal('retire') }),
  z.object({ type: z.literal('shutdown') }),
]);
export type ToEngine = z.infer<typeof ToEngine>;
export type GenerateMessage = Extract<ToEngine, { type: 'generate' }>;

const EngineInfo = z.object({
  pid: z.number(),
  /** Tokens per slot that prompt and reply share. */
  contextSize: tokens,
  slots: tokens,
  threads: tokens,
  /** What computes: a GPU layer, or false for the CPU. */
  gpu: z.union([z.literal(false), z.string()]),
  loadMs: z.number(),
});
export type EngineInfo = z.infer<typeof EngineInfo>;

const EngineStats = z.object({
  /** Since the engine started. */
  promptTokensEvaluated: tokens,
  promptTokensReused: tokens,
  replyTokens: tokens,
  batches: tokens,
  statesSaved: tokens,
  statesRestored: tokens,
  /** Now. */
  busySlots: tokens,
  waiting: tokens,
  /** Milliseconds since the last batch ended while there is work; 0 where idle. */
  stalledMs: z.number(),
  /** Bytes resident, now and at most. */
  memoryBytes: z.number(),
  peakMemoryBytes: z.number(),
});
export type EngineStats = z.infer<typeof EngineStats>;

/** From the engine to its provider. */
export const FromEngine = z.discriminatedUnion('type', [
  /** How much of the model is loaded, 0 to 1. Before `ready`. */
  z.object({ type: z.literal('loading'), progress: z.number() }),
  z.object({ type: z.literal('ready'), info: EngineInfo }),
  /** The model cannot be loaded; the engine leaves. */
  z.object({ type: z.literal('refused'), kind: z.enum(FAILURE_KINDS), message: z.string() }),
  z.object({ type: z.literal('counted'), id: z.number(), tokens }),
  z.object({ type: z.literal('queued'), id: z.number(), ahead: tokens }),
  /** The new text of every reply that has some: one message for each batch. */
  z.object({ type: z.literal('deltas'), texts: z.array(z.tuple([z.number(), z.string()])) }),
  z.object({
    type: z.literal('finish'),
    id: z.number(),
    reason: z.enum(['stop', 'length']),
    usage: z.object({ prompt: tokens, cached: tokens, reply: tokens }),
    timeToFirstTokenMs: z.number().nullable(),
    tokensPerSecond: z.number().nullable(),
  }),
  z.object({
    type: z.literal('failed'),
    id: z.number(),
    kind: z.enum(FAILURE_KINDS),
    message: z.string(),
  }),
  z.object({ type: z.literal('forgotten'), id: z.number() }),
  z.object({ type: z.literal('pong'), id: z.number(), stats: EngineStats }),
  z.object({ type: z.literal('log'), level: z.enum(['warn', 'error']), message: z.string() }),
]);
export type FromEngine = z.infer<typeof FromEngine>;
