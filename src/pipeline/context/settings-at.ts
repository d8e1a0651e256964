import { type Address, settingsKeys } from '../../domain/address.js';
import { type EffectiveSettings, mergeSettings } from '../../domain/settings.js';
import type { SettingsStore } from '../../ports/settings/settings-store.js';

/** Reads the settings in force at an address: defaults, then the channel's, then the thread's. */
export function settingsReader(
  defaults: EffectiveSettings,
  settings: Pick<SettingsStore, 'read'>,
): (address: Address) => Promise<EffectiveSettings> {
  return async (address) => mergeSettings(defaults, ...(await settings.read(settingsKeys(address))));
}
