import { type AnswerBeginning, mayReasonUnopened, type ReasoningFound } from './hidden-reasoning.js';

/** What is known of how each model begins its answers. */
export interface ReasoningHabits {
  beginning(model: string): AnswerBeginning;
  /** Learns from an answer that the model ended by itself. */
  learn(model: string, began: AnswerBeginning, found: ReasoningFound): void;
}

/**
 * Starts from the configuration or the model's name, then goes by what is seen: holding an answer back until
 * its reasoning ends costs the streaming of all that is no reasoning.
 *
 * @param configured - models that surely do, or surely do not, begin inside reasoning
 */
export function createReasoningHabits(configured: ReadonlyMap<string, boolean>): ReasoningHabits {
  const learned = new Map<string, AnswerBeginning>();
  return {
    beginning(model) {
      const sure = configured.get(model);
      if (sure !== undefined) return sure ? 'unknown' : 'answer';
      return learned.get(model) ?? (mayReasonUnopened(model) ? 'unknown' : 'answer');
    },
    learn(model, began, found) {
      if (found === 'unopened') learned.set(model, 'unknown');
      else if (began === 'unknown') learned.set(model, 'answer');
    },
  };
}
