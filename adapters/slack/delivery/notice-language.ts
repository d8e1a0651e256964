import type { Address } from '../../../src/domain/address.js';
import { conversationLanguage } from '../../../src/domain/language.js';
import type { Language } from '../../../src/domain/settings.js';
import type { PlatformLookup } from '../../../src/ports/turns/platform-lookup.js';

/** The language a notice is written in: the setting of its place, or that of what was said. */
export async function noticeLanguage(
  lookup: Pick<PlatformLookup, 'settings'>,
  address: Address,
  said: string,
): Promise<Language> {
  return conversationLanguage((await lookup.settings(address)).language, [said]);
}
