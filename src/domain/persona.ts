import type { Language } from './settings.js';

/** Who the bot is: its system prompt in each language. */
export interface Persona {
  readonly name: string;
  /** One line for menus. */
  readonly description: string;
  readonly system: Readonly<Record<Language, string>>;
  /** Small type under each reply, where the role must state its limits. */
  readonly notice?: Readonly<Record<Language, string>>;
}
