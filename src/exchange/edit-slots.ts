import type { Rate } from '../ports/delivery/edit-budget.js';

/** One counted edit, so that it can be given back. */
export interface Slot {
  /** Milliseconds since 1970. */
  readonly takenAt: number;
  readonly id: string;
}

export type SlotAnswer =
  | { readonly granted: true; readonly slot: Slot }
  /** Ask again after that long, in milliseconds. */
  | { readonly granted: false; readonly waitMs: number };

/** Counts edits. Never more than `rate.edits` in any `rate.perMs`, whoever asks. */
export interface EditSlots {
  /** Counts an edit where there is room for one now. Does not throw. */
  take(key: string, rate: Rate, urgent: boolean): Promise<SlotAnswer> | SlotAnswer;
  /** The edit was not made. */
  giveBack(key: string, slot: Slot): void;
  /** No room before `ms` have passed. */
  pause(key: string, ms: number): void;
}
