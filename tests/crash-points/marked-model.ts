import { markedWords, tagOfQuestion } from '../chaos/marked-words.js';
import { startModelServer } from '../doubles/model-server/model-server.js';

/** A model server whose answers say which question they belong to, and how often that was asked. */
export interface MarkedModel {
  readonly url: string;
  readonly ports: Readonly<Record<string, string>>;
  /** The answer to this question is to be one token. */
  shorten(tag: string): void;
  stop(): Promise<void>;
}

/** Two messages on Discord. */
const WORDS = 300;
/** Where the text is cut into tokens: one shows something, one begins the second message. */
const CUTS = [0, 3, 150, 297, WORDS];
const PACE_MS = 60;

export async function startMarkedModel(): Promise<MarkedModel> {
  const asked = new Map<string, number>();
  const short = new Set<string>();
  const server = await startModelServer({
    script({ messages }) {
      const tag = tagOfQuestion(messages.at(-1)?.content ?? '');
      if (tag === null) return 'This is no question of ours.';
      const generation = (asked.get(tag) ?? 0) + 1;
      asked.set(tag, generation);
      if (short.has(tag)) return { tokens: [markedWords(tag, generation, 3).join('')] };
      const words = markedWords(tag, generation, WORDS);
      return { tokens: CUTS.slice(1).map((end, i) => words.slice(CUTS[i], end).join('')), paceMs: PACE_MS };
    },
  });
  return {
    url: server.url,
    ports: { [new URL(server.url).port]: 'model' },
    shorten: (tag) => short.add(tag),
    stop: () => server.close(),
  };
}
