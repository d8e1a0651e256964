import type { ChatHistoryItem, LlamaTextValue } from 'node-llama-cpp';
import type { PromptMessage } from '../../src/domain/prompt.js';
import { Generation, type StepResult } from './generation.js';
import type { LoadedModel } from './load-model.js';
import { promptTokens } from './prompt-tokens.js';
import type { EngineStats, FromEngine, GenerateMessage } from './protocol.js';
import { SliceSize } from './slice-size.js';
import { SlotTable } from './slot-table.js';
import type { StateCache } from './state-cache.js';

/**
 * Answers generations of one loaded model, step by step: each step is one batch that holds the next token of every
 * running reply and one slice of one waiting prompt.
 *
 * Everything that touches a sequence happens between two steps, so no locks are needed.
 */
export class Engine {
  readonly #loaded: LoadedModel;
  readonly #send: (message: FromEngine) => void;
  readonly #now: () => number;
  readonly #slots: SlotTable;
  readonly #slices: SliceSize;
  /** Every generation that has not ended, by the id of its request. */
  readonly #live = new Map<number, Generation>();
  #waiting: Generation[] = [];
  #prefilling: Generation[] = [];
  #decoding: Generation[] = [];
  #running = false;
  #ran: Promise<void> = Promise.resolve();
  #lastBatchAt = 0;
  readonly #counters = {
    promptTokensEvaluated: 0,
    replyTokens: 0,
    batches: 0,
  };

  constructor(
    loaded: LoadedModel,
    states: StateCache | null,
    send: (message: FromEngine) => void,
    now: () => number = () => performance.now(),
  ) {
    this.#loaded = loaded;
    this.#send = send;
    this.#now = now;
    this.#slots = new SlotTable(loaded, states);
    this.#slices = new SliceSize(loaded.context.batchSize - loaded.info.slots);
  }

  /** Tokens of a prompt, exactly as the model reads it. */
  count(prompt: readonly PromptMessage[]): number {
    return promptTokens(this.#render(prompt), this.#loaded.model.tokenizer).length;
  }

  /** Starts or queues a reply; what becomes of it is sent. */
  generate(request: GenerateMessage): void {
    const { model, info, endTokens } = this.#loaded;
    const values = this.#render(request.prompt);
    const length = promptTokens(values, model.tokenizer).length;
    if (length >= info.contextSize) {
      const message = `The prompt has ${length} tokens; this model reads at most ${info.contextSize - 1}.`;
      this.#send({ type: 'failed', id: request.id, kind: 'context-overflow', message });
      return;
    }
    const generation = new Generation(request, values, {
      tokenizer: model.tokenizer,
      contextSize: info.contextSize,
      endTokens,
    });
    this.#live.set(request.id, generation);
    this.#waiting.push(generation);
    if (this.#waiting.length > this.#slots.idle) this.#reportPlace(generation, this.#waiting.length - 1);
    this.#wake();
  }

  /** Ends a generation with the running step; its slot keeps what was evaluated. Nothing more is sent about it. */
  abort(id: number): void {
    const generation = this.#live.get(id);
    if (generation === undefined) return;
    generation.aborted = true;
    const place = this.#waiting.indexOf(generation);
    if (place < 0) return;
    this.#live.delete(id);
    this.#waiting.splice(place, 1);
    this.#reportPlaces(place);
  }

  /** Drops what is kept of a conversation: on disk before this resolves, in memory before anything else begins. */
  async forget(cacheKey: string): Promise<void> {
    const removed = this.#slots.forget(cacheKey);
    this.#wake();
    await removed;
  }

  /** Saves the conversations that lie warm, once the running batch has ended. */
  async saveWarm(): Promise<void> {
    await this.#ran;
    await this.#slots.saveWarm(this.#slices.tokensPerMs);
  }

  stats(): EngineStats {
    return {
      ...this.#counters,
      ...this.#slots.counters,
      busySlots: this.#slots.busy,
      waiting: this.#waiting.length,
      stalledMs: this.#running ? this.#now() - this.#lastBatchAt : 0,
      memoryBytes: process.memoryUsage.rss(),
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    };
  }

  #wake(): void {
    if (this.#running) return;
    this.#running = true;
    this.#lastBatchAt = this.#now();
    this.#ran = this.#run();
  }

  async #run(): Promise<void> {
    for (;;) {
      await this.#dropAborted();
      await this.#slots.eraseForgotten();
      await this.#admit();
      if (this.#prefilling.length + this.#decoding.length === 0) break;
      await this.#step();
      this.#lastBatchAt = this.#now();
    }
    this.#running = false;
  }

  /** One batch: a slice of the prompt whose turn it is, and a token of every reply. */
  async #step(): Promise<void> {
    const prompt = this.#prefilling.shift();
    const decoding = this.#decoding;
    const slice = this.#slices.next;
    const evaluated = prompt === undefined ? 0 : Math.min(slice, prompt.promptLeft);
    const startedAt = this.#now();
    const stepped = prompt === undefined ? decoding : [...decoding, prompt];
    const results = await Promise.all(
      stepped.map((generation) =>
        settle(generation === prompt ? prompt.prefill(slice, this.#now) : generation.step(this.#now)),
      ),
    );
    this.#slices.measured(evaluated, this.#now() - startedAt);
    this.#counters.batches++;
    this.#counters.promptTokensEvaluated += evaluated;
    this.#counters.replyTokens += decoding.length;

    this.#decoding = [];
    const texts: [number, string][] = [];
    const ended: { generation: Generation; result: StepResult | Error }[] = [];
    for (const [i, generation] of stepped.entries()) {
      const result = results[i];
      if (result === undefined || generation.aborted) {
        this.#decoding.push(generation);
        continue;
      }
      if (!(result instanceof Error) && result.text !== '') texts.push([generation.request.id, result.text]);
      if (result instanceof Error || result.ended !== null) ended.push({ generation, result });
      else if (generation.promptLeft > 0) this.#prefilling.push(generation);
      else this.#decoding.push(generation);
    }
    if (texts.length > 0) this.#send({ type: 'deltas', texts });
    for (const { generation, result } of ended) await this.#end(generation, result);
  }

  async #end(generation: Generation, result: StepResult | Error): Promise<void> {
    const { id } = generation.request;
    await generation.release();
    if (result instanceof Error) {
      await this.#slots.renew(generation.slot);
      this.#free(generation);
      const message = `The local engine failed on a batch: ${result.message}`;
      this.#send({ type: 'failed', id, kind: 'provider-unavailable', message });
      return;
    }
    this.#free(generation);
    if (result.ended !== null)
      this.#send({ type: 'finish', id, reason: result.ended, ...generation.outcome() });
  }

  async #dropAborted(): Promise<void> {
    const dropped = [...this.#prefilling, ...this.#decoding].filter((generation) => generation.aborted);
    if (dropped.length === 0) return;
    this.#prefilling = this.#prefilling.filter((generation) => !generation.aborted);
    this.#decoding = this.#decoding.filter((generation) => !generation.aborted);
    for (const generation of dropped) {
      await generation.release();
      this.#free(generation);
    }
  }

  #free(generation: Generation): void {
    this.#live.delete(generation.request.id);
    this.#slots.free(generation.slot);
  }

  /** Gives idle slots to those who wait longest. */
  async #admit(): Promise<void> {
    for (;;) {
      const generation = this.#waiting[0];
      if (generation === undefined) return;
      const { id, cacheKey } = generation.request;
      const slot = this.#slots.take(cacheKey);
      if (slot === null) return;
      this.#waiting.shift();
      this.#reportPlaces(0);
      try {
        const startedAt = this.#now();
        const seat = await this.#slots.seat(slot, cacheKey, generation.values, this.#slices.tokensPerMs);
        generation.begin(slot, seat, startedAt);
        this.#prefilling.push(generation);
      } catch (error) {
        await this.#slots.renew(slot);
        this.#slots.free(slot);
        this.#live.delete(id);
        const message = `The local engine could not take up a prompt: ${String(error)}`;
        this.#send({ type: 'failed', id, kind: 'provider-unavailable', message });
      }
    }
  }

  /** Tells those waiting from `place` on how many are still ahead. */
  #reportPlaces(place: number): void {
    const idle = this.#slots.idle;
    for (const [ahead, generation] of this.#waiting.entries()) {
      if (ahead >= place && ahead >= idle) this.#reportPlace(generation, ahead);
    }
  }

  /** The running replies count: whoever is next in line has one turn ahead. */
  #reportPlace(generation: Generation, waitingAhead: number): void {
    this.#send({ type: 'queued', id: generation.request.id, ahead: waitingAhead + 1 });
  }

  #render(prompt: readonly PromptMessage[]): readonly LlamaTextValue[] {
    const chatHistory: ChatHistoryItem[] = prompt.map(({ role, content }) =>
      role === 'assistant' ? { type: 'model', response: [content] } : { type: role, text: content },
    );
    const { contextText } = this.#loaded.wrapper.generateContextState({
      chatHistory: [...chatHistory, { type: 'model', response: [] }],
    });
    return contextText.values;
  }
}

/** A rejected step ends its own reply only. */
async function settle(step: Promise<StepResult>): Promise<StepResult | Error> {
  try {
    return await step;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
