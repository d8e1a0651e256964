import { signal } from '@preact/signals';
import type { Options } from '../../api/api-types.js';
import { callApi, sentenceOf } from '../../api/call-api.js';

/** The parameters that have a slider. */
export type ParameterName = keyof Options['parameters'];

/** In their order on the screen. */
export const PARAMETERS: readonly ParameterName[] = [
  'temperature',
  'top_k',
  'top_p',
  'min_p',
  'repeat_penalty',
  'max_tokens',
];

/** Inclusive bounds of a parameter, and what holds for the default model while nobody sets it. */
export type ParameterRange = Options['parameters'][ParameterName];

/** What can be set. They are the same for every conversation, and are read when first needed. */
export class SettingOptions {
  readonly value = signal<Options | null>(null);
  readonly problem = signal('');

  async read(): Promise<void> {
    if (this.value.value !== null) return;
    this.problem.value = '';
    try {
      this.value.value = await callApi('GET /api/options', {});
    } catch (error) {
      this.problem.value = sentenceOf(error);
    }
  }
}
