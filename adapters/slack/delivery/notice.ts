import type { KnownBlock } from '@slack/web-api';
import type { Address } from '../../../src/domain/address.js';
import type { Language } from '../../../src/domain/settings.js';
import { cutText } from '../../../src/domain/text/cut-text.js';
import { conversationLanguage } from '../../../src/domain/text/language.js';
import type { PlatformLookup } from '../../../src/ports/turns/platform-lookup.js';
import { escapeMarkdown, escapeMarkup } from './escape-markdown.js';
import { PART_LIMIT } from './part-blocks.js';

/** A sentence or list of the bot's own, as Slack shows it; cut where it is longer than one message takes. */
export function noticeContent(markdown: string): { readonly text: string; readonly blocks: KnownBlock[] } {
  const body = markdown.length > PART_LIMIT ? `${cutText(markdown, PART_LIMIT - 1)}…` : markdown;
  return { text: escapeMarkup(body), blocks: [{ type: 'markdown', text: escapeMarkdown(body) }] };
}

/** The language a notice is written in: the setting of its place, or that of what was said. */
export async function noticeLanguage(
  lookup: Pick<PlatformLookup, 'settings'>,
  address: Address,
  said: string,
): Promise<Language> {
  return conversationLanguage((await lookup.settings(address)).language, [said]);
}
