import { signal } from '@preact/signals';
import { callApi, sentenceOf } from '../../api/call-api.js';

/** The parameters that have a slider, in their order on the screen. */
export const PARAMETERS = ['temperature', 'top_k', 'top_p', 'min_p', 'repeat_penalty', 'max_tokens'] as const;
export type ParameterName = (typeof PARAMETERS)[number];

/** Inclusive bounds of a parameter, and what holds for the default model while nobody sets it. */
export interface ParameterRange {
  readonly min: number;
  readonly max: number;
  readonly default: number;
  readonly whole: boolean;
}

/** As `GET /api/options` has it. */
export interface Options {
  readonly personas: readonly { readonly name: string; readonly description: string | null }[];
  readonly default_persona: string;
  readonly default_language: string;
  readonly languages: readonly { readonly code: string; readonly name: string }[];
  readonly parameters: Readonly<Record<ParameterName, ParameterRange>>;
  /** UTF-16 code units. */
  readonly system_prompt_max: number;
}

/** What can be set. They are the same for every conversation, and are read when first needed. */
export class SettingOptions {
  readonly value = signal<Options | null>(null);
  readonly problem = signal('');

  async read(): Promise<void> {
    if (this.value.value !== null) return;
    this.problem.value = '';
    try {
      this.value.value = await callApi<Options>('/api/options');
    } catch (error) {
      this.problem.value = sentenceOf(error);
    }
  }
}
