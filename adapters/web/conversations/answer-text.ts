/** What a client must be sent so that it has `target`, and what it has then. */
export interface CatchUp {
  /** The client drops what it has first. */
  readonly reset: boolean;
  /** Follows what the client has; may be empty. */
  readonly delta: string;
  readonly sent: string;
}

/**
 * Brings a client that only appends from `sent` to `target`.
 *
 * While more may come, a target that is a beginning of what was sent waits: a turn that began again may well
 * write the same. No delta halves a surrogate pair.
 */
export function catchUp(sent: string, target: string, final: boolean): CatchUp {
  const goal = !final && /[\uD800-\uDBFF]$/.test(target) ? target.slice(0, -1) : target;
  if (goal.startsWith(sent)) return { reset: false, delta: goal.slice(sent.length), sent: goal };
  if (!final && sent.startsWith(goal)) return { reset: false, delta: '', sent };
  return { reset: true, delta: goal, sent: goal };
}
