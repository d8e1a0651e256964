import type { ConversationSettings } from '../domain/settings.js';

/** Settings people made, by address key. */
export interface SettingsStore {
  /** One entry per key, in the order of `keys`; empty where nothing was set. */
  read(keys: readonly string[]): Promise<readonly ConversationSettings[]>;
  /** Sets the given ones and leaves the rest; `null` unsets one. */
  change(
    key: string,
    changes: { readonly [K in keyof ConversationSettings]?: ConversationSettings[K] | null },
  ): Promise<ConversationSettings>;
}
