import type { Random } from '../random.js';

/** Something that goes wrong. */
export interface Fault {
  readonly name: string;
  /** Answers may stand still meanwhile: a process or a server is away. */
  readonly halts: boolean;
  /** How often it is chosen, beside the others. */
  readonly weight: number;
  /** Resolves when it is over. */
  strike(random: Random): void | Promise<void>;
}
