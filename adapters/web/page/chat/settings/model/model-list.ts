import { signal } from '@preact/signals';
import type { Models } from '../../../api/api-types.js';
import { callApi, sentenceOf } from '../../../api/call-api.js';

/** A model that can be chosen. */
export type ListedModel = Models['models'][number];

/** How often a model that is on its way is looked at, in ms. */
const LOOK_EVERY_MS = 1_000;

/** The models that can be chosen. */
export class ModelList {
  readonly models = signal<readonly ListedModel[] | null>(null);
  readonly problem = signal('');

  /** The one that answers under a setting; undefined while the models are not read, or where it is not there. */
  find(alias: string | null): ListedModel | undefined {
    return this.models.value?.find((model) => (alias === null ? model.is_default : model.alias === alias));
  }

  /** Reads them, and again while one is downloaded or loaded, until the signal aborts. */
  async watch(signal: AbortSignal): Promise<void> {
    await this.read(signal);
    if (signal.aborted || !this.models.value?.some(isOnItsWay)) return;
    const timer = setTimeout(() => void this.watch(signal), LOOK_EVERY_MS);
    signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  }

  async read(signal: AbortSignal): Promise<void> {
    try {
      this.models.value = (await callApi('GET /api/models', { signal })).models;
      this.problem.value = '';
    } catch (error) {
      if (!signal.aborted) this.problem.value = sentenceOf(error);
    }
  }
}

export function isOnItsWay({ state, progress }: ListedModel): boolean {
  return state === 'loading' || progress !== null;
}
