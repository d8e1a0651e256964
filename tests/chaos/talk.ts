import type { Activity } from './activity.js';

/** How the platform tells the bot of a question. */
export interface Telling {
  /** The same event twice at once, or the second time after that many milliseconds. */
  readonly twiceAfterMs: number | null;
  /** Told that much later than it was written, in ms, when newer ones may have been told already. */
  readonly lateMs: number;
}

/** A question somebody asked, as the platform's double knows it. */
export interface AskedQuestion {
  readonly tag: string;
  readonly conversation: string;
  /** `platform/channel/message id`, as the database has it. */
  readonly key: string;
  /** When it was written, in ms since 1970. */
  readonly askedAt: number;
  /** When the bot had it from the platform, in ms since 1970, as far as the platform knows. */
  takenAt(): number | null;
  /** The bot was away, or went away so soon that it may never have had it. */
  mayBeMissed(): boolean;
}

/** A conversation with the bot on a platform's double. */
export interface Talk {
  readonly name: string;
  /** Whether the platform has somebody to tell at this moment. */
  reachable(): boolean;
  ask(tag: string, telling: Telling): AskedQuestion;
  /** Texts of the bot's messages as people see them, oldest first. */
  shown(): readonly string[];
}

/** Conversations on one platform, and what happens in them. */
export interface Venue {
  readonly talks: readonly Talk[];
  /** Notes what has changed since the last call; `note` takes lines for a person. */
  observe(activity: Activity, note?: (line: string) => void): void;
  /** Whether the platform has yet to tell the bot of something, for the first time or again. */
  pending(): boolean;
  /** Requests that the platform refused because of its limits, faults that were ordered left out. */
  limited(): number;
}
