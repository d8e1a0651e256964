import { type Signal, signal } from '@preact/signals';
import { ApiError, callApi, sentenceOf } from '../../api/call-api.js';
import { randomId } from '../../api/random-id.js';
import {
  applyChange,
  isEmpty,
  joinChanges,
  NOTHING_SET,
  type Settings,
  type SettingsChange,
} from './settings.js';

/** How long a person may go on moving a slider or writing before it is saved, in ms. */
const SAVE_AFTER_MS = 400;

/** What a person's choices elsewhere have to do with a conversation. */
export interface SettingsHabits {
  /** For a conversation not begun: what is saved along with the first question or change. */
  readonly preset: () => SettingsChange;
  /** Told what the API refused to save; on the screen it is taken back. */
  readonly onRefused: (change: SettingsChange) => void;
}

export const NO_HABITS: SettingsHabits = { preset: () => ({}), onRefused: () => {} };

/** What is set for the conversation on the screen, changed in place and saved soon after. */
export class ConversationSettings {
  /** Of this page: what was typed for one conversation is not shown with another. */
  readonly key = randomId();
  readonly values: Signal<Settings>;
  readonly state = signal<'loading' | 'still' | 'saving' | 'saved' | 'failed'>('still');
  /** A sentence where it could not be read or saved. */
  readonly problem = signal('');
  readonly #begin: () => string;
  readonly #onRefused: SettingsHabits['onRefused'];
  #id: string | null;
  #stored = NOTHING_SET;
  #wasRead: boolean;
  #unsaved: SettingsChange;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #saving: Promise<void> | null = null;

  /**
   * @param id - null for a conversation that has not begun
   * @param begin - called once something is set for such a one; returns its id from then on
   */
  constructor(id: string | null, begin: () => string, { preset, onRefused }: SettingsHabits) {
    this.#id = id;
    this.#begin = begin;
    this.#onRefused = onRefused;
    this.#wasRead = id === null;
    this.#unsaved = id === null ? preset() : {};
    this.values = signal(applyChange(NOTHING_SET, this.#unsaved));
  }

  async read(): Promise<void> {
    if (this.#wasRead || this.#id === null) return;
    this.state.value = 'loading';
    this.problem.value = '';
    try {
      this.#take(await callApi('GET /api/conversations/{id}/settings', { path: { id: this.#id } }));
      this.state.value = 'still';
    } catch (error) {
      this.#fail(error);
    }
  }

  change(change: SettingsChange): void {
    this.#id ??= this.#begin();
    this.values.value = applyChange(this.values.value, change);
    this.#unsaved = joinChanges(this.#unsaved, change);
    this.state.value = 'saving';
    this.problem.value = '';
    this.#saveSoon();
  }

  /**
   * Saves what is not saved yet, so that a question asked then is answered by it.
   *
   * @throws {ApiError}
   */
  async settle(): Promise<void> {
    this.#forgetTimer();
    this.#saving ??= this.#save().finally(() => {
      this.#saving = null;
    });
    await this.#saving;
  }

  /** Another conversation comes on the screen: saves what a person has changed, but begins none for a preset. */
  leave(): void {
    if (this.#timer !== undefined) this.#saveQuietly();
  }

  /**
   * Saves nothing while `removal` takes the conversation away, nor once it has: that would make its settings anew.
   *
   * @throws what `removal` throws; what waited is saved then
   */
  async endWith(removal: () => Promise<void>): Promise<void> {
    const waits = this.#timer !== undefined;
    this.#forgetTimer();
    await this.#saving?.catch(() => {});
    try {
      await removal();
    } catch (error) {
      if (waits) this.#saveSoon();
      throw error;
    }
    this.#unsaved = {};
  }

  async tryAgain(): Promise<void> {
    await (this.#wasRead ? this.settle().catch(() => {}) : this.read());
  }

  async #save(): Promise<void> {
    while (!isEmpty(this.#unsaved)) {
      const change = this.#unsaved;
      this.#unsaved = {};
      this.state.value = 'saving';
      try {
        this.#id ??= this.#begin();
        const sent = { path: { id: this.#id }, body: change, keepalive: true };
        this.#take(await callApi('PATCH /api/conversations/{id}/settings', sent));
      } catch (error) {
        this.#keepOrTakeBack(change, error);
        this.#fail(error);
        throw error;
      }
      this.problem.value = '';
      this.state.value = 'saved';
    }
  }

  #saveSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#saveQuietly(), SAVE_AFTER_MS);
  }

  #forgetTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #saveQuietly(): void {
    // What went wrong is on the screen.
    this.settle().catch(() => {});
  }

  #keepOrTakeBack(change: SettingsChange, error: unknown): void {
    if (!isRefusal(error)) {
      this.#unsaved = joinChanges(change, this.#unsaved);
      return;
    }
    this.values.value = applyChange(this.#stored, this.#unsaved);
    this.#onRefused(change);
  }

  #take(stored: Settings): void {
    this.#stored = stored;
    this.#wasRead = true;
    this.values.value = applyChange(stored, this.#unsaved);
  }

  #fail(error: unknown): void {
    this.state.value = 'failed';
    this.problem.value = sentenceOf(error);
  }
}

/** The same again would be refused again. */
function isRefusal(error: unknown): boolean {
  return error instanceof ApiError && [400, 404, 409, 413, 422].includes(error.status);
}
