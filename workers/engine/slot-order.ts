import type { CustomBatchingPrioritizationStrategy, EvaluationPriority } from 'node-llama-cpp';

/** A slot's number as the priority of its evaluations: the library hands it on to `slotOrder` unread, though its type ends at 5. */
export function slotPriority(slot: number): EvaluationPriority {
  return slot as EvaluationPriority;
}

/**
 * Fills a batch in the order of slots, which each evaluation passes as its priority.
 *
 * llama.cpp evaluates sequences in one pass only where their ids ascend without a gap.
 */
export const slotOrder: CustomBatchingPrioritizationStrategy = ({ items, size }) => {
  let left = size;
  const chosen = [];
  for (const item of [...items].sort((a, b) => a.evaluationPriority - b.evaluationPriority)) {
    const processAmount = Math.min(item.tokens.length, left);
    if (processAmount === 0) break;
    left -= processAmount;
    chosen.push({ item, processAmount });
  }
  return chosen;
};
