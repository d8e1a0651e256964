import type { DoubleMessage, World } from './world.js';

/** What a change on the double causes: dispatches to the gateway, pings, a log entry. */
export interface Effects {
  created(message: DoubleMessage, pings: readonly string[]): void;
  edited(message: DoubleMessage, pings: readonly string[]): void;
  deleted(message: DoubleMessage): void;
}

/** One matched, valid and allowed request. */
export interface Call {
  readonly world: World;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly effects: Effects;
  /** The bot has the message-content intent. */
  readonly readsContent: boolean;
  /** The bot has "Read Message History". */
  readonly readsHistory: boolean;
  /** Edits of messages over an hour old that Discord will still take; counts one down. */
  readonly oldEditsLeft: () => number;
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

/** By `METHOD /path/{as}/the/{specification}/writes/it`. */
export type Routes = Readonly<Record<string, (call: Call) => Answer>>;
