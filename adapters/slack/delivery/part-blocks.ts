import type { KnownBlock } from '@slack/web-api';
import type { Language } from '../../../src/domain/settings.js';
import { cutText } from '../../../src/domain/text/cut-text.js';
import type { PartDraft } from '../../../src/ports/delivery/delivery.js';
import { ESCAPE_GROWTH, escapeMarkdown, escapeMarkup } from './escape-markdown.js';
import { sentencesIn } from './sentences.js';

/** All that a markdown block takes, in characters; so says Slack's reference of blocks. */
const MARKDOWN_BLOCK_LIMIT = 12_000;
/**
 * Longest part in UTF-16 code units: one made of nothing but `<` still fits into a markdown block once escaped, so that
 * Slack never refuses a part for its length.
 */
export const PART_LIMIT = MARKDOWN_BLOCK_LIMIT / ESCAPE_GROWTH;
/** chat.update takes 4,000 characters of `text`. It only shows in notifications. */
const FALLBACK_LIMIT = 3_000;
/** A context element takes 2,000 characters; ours are one line. */
const FOOTER_LIMIT = 400;

/** Ids of our buttons. Their value is the turn's id. */
export const ACTION = {
  stop: 'parley_stop',
  up: 'parley_up',
  down: 'parley_down',
  regenerate: 'parley_regenerate',
} as const;

const BLOCK_ID = /^parley\/(\d+)\/(\d+)\/(\d+)$/;

/** Names a part of a turn, in a block's id: a message that streams carries no metadata. */
function blockId(part: Pick<PartDraft, 'turnId' | 'revision' | 'index'>): string {
  return `parley/${part.turnId}/${part.revision}/${part.index}`;
}

/** The turn and index in an id of `blockId`, or null. */
export function readBlockId(id: string): { readonly turnId: number; readonly index: number } | null {
  const match = BLOCK_ID.exec(id);
  return match ? { turnId: Number(match[1]), index: Number(match[3]) } : null;
}

/** What Slack needs to show a part. */
export interface PartContent {
  readonly text: string;
  readonly blocks: KnownBlock[];
}

export function partContent(part: PartDraft, language: Language): PartContent {
  const body = part.text.trim() === '' ? '…' : part.text;
  const blocks: KnownBlock[] = [{ type: 'markdown', text: escapeMarkdown(body) }];
  if (part.footer) {
    const footer = escapeMarkup(cutText(part.footer, FOOTER_LIMIT));
    blocks.push({ type: 'context', elements: [{ type: 'mrkdwn', text: `_${footer}_` }] });
  }
  const controls = controlsBlock(part, language);
  if (controls) blocks.push(controls);
  return { text: cutText(escapeMarkup(body), FALLBACK_LIMIT), blocks };
}

/** The row of buttons of a part, or null where it has none. */
export function controlsBlock(part: PartDraft, language: Language): KnownBlock | null {
  if (part.controls === 'none') return null;
  const value = String(part.turnId);
  const button = (action: string, label: string) => ({
    type: 'button' as const,
    action_id: action,
    text: { type: 'plain_text' as const, text: label, emoji: true },
    value,
  });
  const elements =
    part.controls === 'stop'
      ? [button(ACTION.stop, sentencesIn(language).stop)]
      : [button(ACTION.up, '👍'), button(ACTION.down, '👎'), button(ACTION.regenerate, '↻')];
  return { type: 'actions', block_id: blockId(part), elements };
}
