import { type ModelServer, startModelServer } from '../doubles/model-server/model-server.js';
import type { Reply } from '../doubles/model-server/reply.js';
import { markedWords, tagOfQuestion } from './marked-words.js';
import type { Random } from './random.js';

/** A stream that its reader left before its last token was sent. */
export interface BrokenStream {
  readonly tag: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A model server whose answers are told apart by question and by how often the question was asked of it. */
export class ScriptedModel {
  readonly broken: BrokenStream[] = [];
  readonly #random: Random;
  readonly #asked = new Map<string, number>();
  #server: ModelServer | null = null;

  constructor(random: Random) {
    this.#random = random;
  }

  async start(): Promise<void> {
    this.#server = await startModelServer({
      script: ({ messages }) => this.#answer(messages.at(-1)?.content ?? ''),
    });
  }

  get url(): string {
    if (!this.#server) throw new Error('the model server was not started');
    return this.#server.url;
  }

  /** Requests so far. */
  get requests(): number {
    return [...this.#asked.values()].reduce((sum, times) => sum + times, 0);
  }

  async stop(): Promise<void> {
    await this.#server?.close();
  }

  #answer(question: string): Reply {
    const tag = tagOfQuestion(question);
    if (tag === null) return 'This is no question of ours.';
    const generation = (this.#asked.get(tag) ?? 0) + 1;
    this.#asked.set(tag, generation);
    const random = this.#random.fork(`${tag}.${generation}`);
    const breaks = generation === 1 && random.chance(BROKEN_SHARE);
    void this.#server?.requests.at(-1)?.closed.then((whole) => {
      if (!whole && !breaks) this.broken.push({ tag, at: Date.now() });
    });
    const [least, most] = random.weighted(LENGTHS, ({ share }) => share).words;
    const count = random.between(least, most);
    const tokens = markedWords(tag, generation, count);
    return {
      tokens,
      paceMs: random.between(5, 40),
      // Once for a question at most: a model that breaks off again and again ends in a notice instead of an answer.
      ...(breaks ? { break: { afterTokens: random.between(1, count - 1), how: { kind: 'reset' } } } : {}),
    };
  }
}

const BROKEN_SHARE = 0.02;

/** The longest take three messages on Discord. */
const LENGTHS: readonly { readonly share: number; readonly words: readonly [number, number] }[] = [
  { share: 0.75, words: [3, 40] },
  { share: 0.2, words: [60, 150] },
  { share: 0.05, words: [300, 550] },
];
