/**
 * A model's reply in words that tell where they belong: `t17.2:5` is the sixth word of the second answer to question
 * 17. A word that is missing, repeated, of another answer or under another question is seen as such.
 */
export function markedWords(tag: string, generation: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const gap = i === 0 ? '' : i % WORDS_PER_PARAGRAPH === 0 ? '\n\n' : ' ';
    return `${gap}${tag}.${generation}:${i}`;
  });
}

const WORDS_PER_PARAGRAPH = 30;

/** What a person asks. */
export function questionText(tag: string): string {
  return `question ${tag}, please`;
}

/** The tag of the question a text ends with, after what it may quote; null where there is none. */
export function tagOfQuestion(text: string): string | null {
  return /.*question (t\d+), please/s.exec(text)?.[1] ?? null;
}

/** The tag of the question that a text answers, by its first marked word; null where there is none. */
export function tagOfAnswer(text: string): string | null {
  return /\b(t\d+)\.\d+:\d+/.exec(text)?.[1] ?? null;
}

/** The words of a text: where a platform breaks lines, and trims what stands around a message, is its own affair. */
export function wordsOf(text: string): string {
  return text.split(/\s+/).filter(Boolean).join(' ');
}
