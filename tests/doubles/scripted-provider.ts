import type { Prompt } from '../../src/domain/prompt.js';
import type { FinishReason } from '../../src/domain/turn.js';
import type { GenerationRequest, ModelProvider, StreamPart } from '../../src/ports/models/model-provider.js';

/** One answer: these deltas, then the reason to finish or an error. */
export interface ScriptedAnswer {
  readonly deltas: Iterable<string>;
  readonly end?: FinishReason | Error;
  /** Requests ahead, said before the first delta. */
  readonly queued?: readonly number[];
}

/** A provider that says what it is told to, one answer a request; the last one again and again. */
export class ScriptedProvider implements ModelProvider {
  readonly requests: GenerationRequest[] = [];
  /** How many streams were left by their reader before their end. */
  left = 0;
  readonly #answers: readonly ScriptedAnswer[];
  readonly #window: number | Error;

  constructor(answers: readonly (ScriptedAnswer | string | Error)[], window: number | Error = 4096) {
    this.#answers = answers.map((answer) =>
      typeof answer === 'string'
        ? { deltas: answer.match(/\s*\S+|\s+/g) ?? [] }
        : answer instanceof Error
          ? { deltas: [], end: answer }
          : answer,
    );
    this.#window = window;
  }

  async contextWindow(): Promise<number> {
    if (this.#window instanceof Error) throw this.#window;
    return this.#window;
  }

  async countTokens(_model: string, prompt: Prompt): Promise<number> {
    return prompt.reduce((sum, { content }) => sum + content.length, 0);
  }

  async *stream(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<StreamPart> {
    const answer = this.#answers[Math.min(this.requests.length, this.#answers.length - 1)];
    this.requests.push(request);
    let ended = false;
    try {
      for (const ahead of answer?.queued ?? []) yield { type: 'queued', ahead };
      let reply = 0;
      for (const text of answer?.deltas ?? []) {
        signal.throwIfAborted();
        reply++;
        yield { type: 'delta', text };
      }
      signal.throwIfAborted();
      ended = true;
      const end = answer?.end ?? 'stop';
      if (end instanceof Error) throw end;
      yield {
        type: 'finish',
        reason: end,
        usage: { prompt: 10, cached: 0, reply },
        timeToFirstTokenMs: 5,
        tokensPerSecond: 50,
      };
    } finally {
      if (!ended) this.left++;
    }
  }

  async stop(): Promise<void> {}
}
