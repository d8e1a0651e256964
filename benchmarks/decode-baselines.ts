import {
  getLlama,
  JinjaTemplateChatWrapper,
  LlamaChatSession,
  type LlamaContext,
  LlamaLogLevel,
  type LlamaModel,
} from 'node-llama-cpp';

/** What our engine is measured against: node-llama-cpp as it comes, and its binding without any scheduling. */
export interface DecodeBaselines {
  /** Tokens per second of `conversations` chat sessions on one context, with the library's default batching. */
  sessions(conversations: number, tokens: number): Promise<number>;
  /** Tokens per second of a loop that decodes one batch of `conversations` tokens after the other. */
  rawBatch(conversations: number, tokens: number): Promise<number>;
  close(): Promise<void>;
}

/** The part of the binding that the loop needs; it has no public types. */
interface Binding {
  readonly AddonSampler: new (model: unknown) => { applyConfig(config: object): void; dispose(): void };
}
interface RawContext {
  initBatch(size: number): void;
  addToBatch(sequence: number, first: number, tokens: Uint32Array, logits: Uint32Array): Uint32Array;
  decodeBatch(): Promise<void>;
  sampleToken(logit: number, sampler: unknown): Promise<number>;
}

const CONTEXT_SIZE = 1024;

export async function openBaselines(modelPath: string, threads: number): Promise<DecodeBaselines> {
  const llama = await getLlama({
    gpu: false,
    build: 'never',
    maxThreads: threads,
    logLevel: LlamaLogLevel.error,
  });
  const model = await llama.loadModel({ modelPath });
  const binding: Binding = Reflect.get(llama, '_bindings');
  return {
    sessions: (conversations, tokens) =>
      withContext(model, conversations, threads, (context) => runSessions(model, context, tokens)),
    rawBatch: (conversations, tokens) =>
      withContext(model, conversations, threads, (context) => runRaw(binding, model, context, tokens)),
    close: () => model.dispose(),
  };
}

async function withContext<T>(
  model: LlamaModel,
  sequences: number,
  threads: number,
  run: (context: LlamaContext) => Promise<T>,
): Promise<T> {
  const context = await model.createContext({ contextSize: CONTEXT_SIZE, sequences, threads });
  try {
    return await run(context);
  } finally {
    await context.dispose();
  }
}

async function runSessions(model: LlamaModel, context: LlamaContext, tokens: number): Promise<number> {
  const chatWrapper = new JinjaTemplateChatWrapper({
    template: model.fileInfo.metadata.tokenizer.chat_template ?? '',
    tokenizer: model.tokenizer,
  });
  const meter = new DecodeMeter(context.totalSequences);
  await Promise.all(
    Array.from({ length: context.totalSequences }, async (_, i) => {
      const session = new LlamaChatSession({ contextSequence: context.getSequence(), chatWrapper });
      await session.prompt(`Tell me about number ${i}.`, {
        maxTokens: tokens,
        temperature: 0,
        repeatPenalty: false,
        onToken: (chunk) => meter.add(i, chunk.length),
      });
      meter.end();
    }),
  );
  return meter.tokensPerSecond();
}

async function runRaw(
  binding: Binding,
  model: LlamaModel,
  context: LlamaContext,
  tokens: number,
): Promise<number> {
  const raw: RawContext = Reflect.get(context, '_ctx');
  const samplers = Array.from({ length: context.totalSequences }, () => {
    const sampler = new binding.AddonSampler(Reflect.get(model, '_model'));
    sampler.applyConfig({ temperature: 0 });
    return sampler;
  });
  let next = samplers.map((_, i) => 100 + i);
  let startedAt = 0;
  // As many tokens are behind the counted ones as a short prompt has: attention costs by length.
  const warmUp = 32;
  for (let position = 0; position < warmUp + tokens; position++) {
    if (position === warmUp) startedAt = performance.now();
    raw.initBatch(samplers.length);
    const logits = next.map(
      (token, i) => raw.addToBatch(i, position, Uint32Array.of(token), Uint32Array.of(0))[0] ?? 0,
    );
    await raw.decodeBatch();
    next = await Promise.all(samplers.map((sampler, i) => raw.sampleToken(logits[i] ?? 0, sampler)));
  }
  const seconds = (performance.now() - startedAt) / 1000;
  for (const sampler of samplers) sampler.dispose();
  return (tokens * samplers.length) / seconds;
}

/** Counts tokens while every conversation decodes: from the last one's first token to the first one's end. */
export class DecodeMeter {
  readonly #conversations: number;
  readonly #begun = new Set<number>();
  #startedAt: number | null = null;
  #endedAt: number | null = null;
  #tokens = 0;

  constructor(conversations: number) {
    this.#conversations = conversations;
  }

  add(conversation: number, tokens: number): void {
    if (this.#startedAt !== null) {
      if (this.#endedAt === null) this.#tokens += tokens;
      return;
    }
    this.#begun.add(conversation);
    if (this.#begun.size === this.#conversations) this.#startedAt = performance.now();
  }

  /** A conversation ended. */
  end(): void {
    this.#endedAt ??= performance.now();
  }

  tokensPerSecond(): number {
    if (this.#startedAt === null || this.#endedAt === null) return Number.NaN;
    return (this.#tokens * 1000) / (this.#endedAt - this.#startedAt);
  }
}
