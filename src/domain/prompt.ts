/** One role-tagged message of a prompt. */
export interface PromptMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** The messages a model continues; the last is the user's. */
export type Prompt = readonly PromptMessage[];
