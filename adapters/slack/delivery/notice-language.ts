import type { Address } from '../../../src/domain/address.js';
import { conversationLanguage } from '../../../src/domain/language.js';
import type { Language } from '../../../src/domain/settings.js';
import type { Inbox } from '../../../src/ports/turns/inbox.js';

/** The language a notice is written in: the setting of its place, or that of what was said. */
export async function noticeLanguage(
  inbox: Pick<Inbox, 'settings'>,
  address: Address,
  said: string,
): Promise<Language> {
  return conversationLanguage((await inbox.settings(address)).language, [said]);
}
