import type {
  LlamaContextSequence,
  LlamaTextValue,
  SequenceEvaluateOptions,
  Token,
  Tokenizer,
} from 'node-llama-cpp';
import { StopScanner } from '../../src/domain/text/stop-scanner.js';
import type { GenerateMessage } from './protocol.js';
import { slotPriority } from './slot-order.js';
import type { Seat } from './slot-table.js';
import { TokenText } from './token-text.js';

/** The last tokens of the reply that the repetition penalty looks at; llama.cpp's own default. */
const PENALIZED_TOKENS = 64;

export interface GenerationModel {
  readonly tokenizer: Tokenizer;
  readonly contextSize: number;
  /** Tokens that end a reply by the chat template, beside the model's own. */
  readonly endTokens: ReadonlySet<Token>;
}

export type StepResult = {
  /** New text to show; may be empty. */
  readonly text: string;
  /** Set with the last step. */
  readonly ended: 'stop' | 'length' | null;
};

/** One reply on one slot: first its prompt in slices, then a token each step. */
export class Generation {
  readonly request: GenerateMessage;
  readonly values: readonly LlamaTextValue[];
  aborted = false;

  readonly #model: GenerationModel;
  readonly #text: StopScanner;
  readonly #reply: Token[] = [];
  #tokenText: TokenText | null = null;
  #sequence: LlamaContextSequence | null = null;
  #slot = 0;
  #prompt: Token[] = [];
  #left: Token[] = [];
  #cached = 0;
  #tokens: AsyncGenerator<Token, void> | null = null;
  #startedAt = 0;
  #firstTokenAt: number | null = null;
  #lastTokenAt = 0;

  /** @param values - the rendered prompt */
  constructor(request: GenerateMessage, values: readonly LlamaTextValue[], model: GenerationModel) {
    this.request = request;
    this.values = values;
    this.#model = model;
    this.#text = new StopScanner(request.sampling.stop);
  }

  get slot(): number {
    return this.#slot;
  }

  /** Prompt tokens still to evaluate. */
  get promptLeft(): number {
    return this.#left.length;
  }

  get cached(): number {
    return this.#cached;
  }

  begin(slot: number, { sequence, prompt, cached }: Seat, now: number): void {
    this.#slot = slot;
    this.#sequence = sequence;
    this.#prompt = prompt;
    this.#left = prompt.slice(cached);
    this.#cached = cached;
    this.#startedAt = now;
    this.#tokenText = new TokenText(this.#model.tokenizer.detokenize, prompt);
  }

  /**
   * Evaluates up to `slice` tokens of the prompt; the last of them brings the first token of the reply.
   *
   * @throws what the library throws where a batch fails
   */
  async prefill(slice: number, now: () => number): Promise<StepResult> {
    if (this.#left.length > slice) {
      const part = this.#left.slice(0, slice);
      await this.#held().evaluateWithoutGeneratingNewTokens(part, {
        evaluationPriority: slotPriority(this.#slot),
      });
      this.#left = this.#left.slice(slice);
      return { text: '', ended: null };
    }
    const rest = this.#left;
    this.#tokens = this.#held().evaluate(rest, this.#options());
    const result = await this.step(now);
    this.#left = [];
    return result;
  }

  /** Evaluates the reply's last token and samples the next. */
  async step(now: () => number): Promise<StepResult> {
    const next = await this.#tokens?.next();
    if (this.aborted) return { text: '', ended: null };
    if (next === undefined || next.done === true) return this.#end('stop');
    const token = next.value;
    if (this.#model.tokenizer.isEogToken(token) || this.#model.endTokens.has(token)) return this.#end('stop');
    this.#lastTokenAt = now();
    this.#firstTokenAt ??= this.#lastTokenAt;
    this.#reply.push(token);
    const scanned = this.#text.push(this.#tokenText?.push(token) ?? '');
    if (scanned.stopped) return { text: scanned.text, ended: 'stop' };
    const full = this.#prompt.length + this.#reply.length >= this.#model.contextSize;
    if (full || this.#reply.length >= this.request.sampling.maxTokens) {
      const last = this.#end('length');
      return { text: scanned.text + last.text, ended: last.ended };
    }
    return { text: scanned.text, ended: null };
  }

  /** Frees what sampling held. The slot keeps the tokens evaluated so far. */
  async release(): Promise<void> {
    await this.#tokens?.return();
    this.#tokens = null;
  }

  outcome(): {
    readonly usage: { readonly prompt: number; readonly cached: number; readonly reply: number };
    readonly timeToFirstTokenMs: number | null;
    readonly tokensPerSecond: number | null;
  } {
    const first = this.#firstTokenAt;
    const decodeMs = first === null ? 0 : this.#lastTokenAt - first;
    return {
      usage: { prompt: this.#prompt.length, cached: this.#cached, reply: this.#reply.length },
      timeToFirstTokenMs: first === null ? null : first - this.#startedAt,
      tokensPerSecond: decodeMs > 0 ? ((this.#reply.length - 1) * 1000) / decodeMs : null,
    };
  }

  /** Ends the reply: what the scanner still held back is shown, up to a stop text in it or made by the last bytes. */
  #end(reason: 'stop' | 'length'): StepResult {
    const scanned = this.#text.push(this.#tokenText?.end() ?? '');
    if (scanned.stopped) return { text: scanned.text, ended: 'stop' };
    const last = this.#text.end();
    return { text: scanned.text + last.text, ended: last.stopped ? 'stop' : reason };
  }

  #held(): LlamaContextSequence {
    if (this.#sequence === null) throw new Error('a generation steps before it has a slot');
    return this.#sequence;
  }

  #options(): SequenceEvaluateOptions {
    const { temperature, topK, topP, minP, repeatPenalty, seed } = this.request.sampling;
    return {
      temperature,
      topK,
      topP,
      minP,
      seed: seed ?? Math.floor(Math.random() * 2 ** 32),
      evaluationPriority: slotPriority(this.#slot),
      yieldEogToken: true,
      ...(repeatPenalty === 1
        ? {}
        : {
            repeatPenalty: {
              penalty: repeatPenalty,
              maxPunishTokens: PENALIZED_TOKENS,
              punishTokens: () => this.#reply.slice(-PENALIZED_TOKENS),
            },
          }),
    };
  }
}
