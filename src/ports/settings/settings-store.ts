import type { SamplingOverrides } from '../../domain/sampling.js';
import type { ConversationSettings } from '../../domain/settings.js';

/** What is left out stays; `null` unsets. */
export type SettingsChanges = {
  readonly [K in keyof ConversationSettings]?: ConversationSettings[K] | null;
};

/** The same of single sampling parameters. */
export type SamplingChanges = { readonly [K in keyof SamplingOverrides]?: SamplingOverrides[K] | null };

/** Settings people made, by address key. */
export interface SettingsStore {
  /** One entry per key, in the order of `keys`; empty where nothing was set. */
  read(keys: readonly string[]): Promise<readonly ConversationSettings[]>;
  /**
   * Sets the given ones and leaves the rest.
   *
   * @param changes - `sampling` takes the place of all parameters that were set
   * @param parameters - laid over those that are set; `changes.sampling` is then passed over
   */
  change(key: string, changes: SettingsChanges, parameters?: SamplingChanges): Promise<ConversationSettings>;
  /** Forgets what people set. What an administrator limited stays. */
  clear(key: string): Promise<void>;
  /**
   * Clears those of conversations on the web in which nothing was said since they were begun or removed.
   *
   * @param olderThanMs - age of the last change, by the database's clock
   */
  clearUnused(olderThanMs: number): Promise<void>;
}
