import type { KnownBlock } from '@slack/web-api';
import { cutText } from '../../../src/domain/cut-text.js';
import { escapeMarkdown, escapeMarkup } from './escape-markdown.js';
import { PART_LIMIT } from './part-blocks.js';

/** A sentence or list of the bot's own, as Slack shows it; cut where it is longer than one message takes. */
export function noticeContent(markdown: string): { readonly text: string; readonly blocks: KnownBlock[] } {
  const body = markdown.length > PART_LIMIT ? `${cutText(markdown, PART_LIMIT - 1)}…` : markdown;
  return { text: escapeMarkup(body), blocks: [{ type: 'markdown', text: escapeMarkdown(body) }] };
}
