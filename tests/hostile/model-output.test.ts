import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { partContent as discordContent } from '../../adapters/discord/delivery/posted-message.js';
import { shownQuestion } from '../../adapters/discord/delivery/shown-question.js';
import { CONTENT_LIMIT, PART_LIMIT as DISCORD_PART } from '../../adapters/discord/delivery/translation.js';
import { appendable, escapeMarkdown } from '../../adapters/slack/delivery/escape-markdown.js';
import { noticeContent } from '../../adapters/slack/delivery/notice.js';
import {
  PART_LIMIT as SLACK_PART,
  partContent as slackContent,
} from '../../adapters/slack/delivery/part-blocks.js';
import { printable } from '../../adapters/terminal/printable.js';
import { catchUp } from '../../adapters/web/conversations/answer-text.js';
import { draftParts, type ReplyView } from '../../src/pipeline/reply/reply-view.js';
import { createReasoningFilter } from '../../src/routing/hidden-reasoning.js';
import { AllowedMentions, pingsOf } from '../doubles/discord/mentions.js';
import { holdsFor } from './holds-for.js';
import { hostileText } from './inputs.js';
import { openFence } from './open-fence.js';

const identity = { turnId: 7, revision: 0 };
const view = fc.record({
  // What leaves the pipeline is well-formed: generate-reply sees to that.
  text: hostileText(120).map((text) => text.toWellFormed().replaceAll('\0', '')),
  type: fc.constantFrom('streaming', 'final'),
  footer: fc.option(
    hostileText(8).map((text) => text.toWellFormed()),
    { nil: undefined },
  ),
});

function partsOf(
  { text, type, footer }: { text: string; type: string; footer: string | undefined },
  limit: number,
) {
  const shown: ReplyView =
    type === 'streaming'
      ? { type: 'streaming', text }
      : { type: 'final', text, controls: 'rate-and-regenerate', ...(footer === undefined ? {} : { footer }) };
  return draftParts(identity, shown, limit);
}

describe('what a model writes, on Discord', () => {
  holdsFor('pings nobody, fits, halves no character and leaves no code block open', view, (reply) => {
    const parts = partsOf(reply, DISCORD_PART);
    for (const part of parts) {
      const { content, allowed_mentions } = discordContent(part, { language: 'en' });
      expect(content.length).toBeLessThanOrEqual(CONTENT_LIMIT);
      expect(content.trim()).not.toBe('');
      expect(content.isWellFormed()).toBe(true);
      expect(pingsOf(content, AllowedMentions.parse(allowed_mentions), '1400000000000000009')).toEqual([]);
      expect(openFence(content), JSON.stringify(content)).toBe(false);
    }
  });

  const asked = fc.tuple(hostileText(), view);
  holdsFor('stands under the question of an /ask, which fits beside it', asked, ([question, reply]) => {
    const [part] = partsOf(reply, DISCORD_PART);
    if (!part) return;
    const shown = shownQuestion(question);
    const { content } = discordContent(part, { language: 'en', question: shown });
    expect(content.length).toBeLessThanOrEqual(CONTENT_LIMIT);
    expect(shown.isWellFormed()).toBe(true);
    expect(shown).not.toMatch(/\n|(?<!\\)[<>@#`*_]/);
  });
});

/** Everything that Slack reads as markup of its own. */
const SLACK_MARKUP = /<[^\s]/;

describe('what a model writes, on Slack', () => {
  holdsFor('pings nobody, fits, halves no character and leaves no code block open', view, (reply) => {
    for (const part of partsOf(reply, SLACK_PART)) {
      const { text, blocks } = slackContent(part, 'en');
      expect(text).not.toMatch(SLACK_MARKUP);
      expect(text.length).toBeLessThanOrEqual(3_000);
      expect(text.isWellFormed()).toBe(true);
      for (const block of blocks) {
        const shown = block.type === 'markdown' ? block.text : JSON.stringify(block);
        expect(shown).not.toMatch(SLACK_MARKUP);
        expect(JSON.stringify(block)).not.toMatch(/\\ud[89a-f]/i);
        if (block.type !== 'markdown') continue;
        expect(block.text.length).toBeLessThanOrEqual(12_000);
        expect(openFence(block.text), JSON.stringify(block.text)).toBe(false);
      }
    }
  });

  const grown = fc.tuple(hostileText(60), fc.nat(2_000));
  holdsFor('only grows while it streams', grown, ([text, length]) => {
    const earlier = escapeMarkdown(appendable(text.slice(0, length)));
    expect(escapeMarkdown(text).startsWith(earlier)).toBe(true);
    expect(earlier).not.toMatch(SLACK_MARKUP);
  });

  holdsFor('the bot says of it is safe in the same way', hostileText(200), (said) => {
    const { text, blocks } = noticeContent(said.toWellFormed());
    for (const shown of [text, JSON.stringify(blocks)]) {
      expect(shown).not.toMatch(SLACK_MARKUP);
      expect(shown.isWellFormed()).toBe(true);
      expect(shown).not.toMatch(/\\ud[89a-f]/i);
    }
    expect(text.length).toBeLessThanOrEqual(40_000);
  });
});

describe('what a model writes, elsewhere', () => {
  holdsFor('sends a terminal no command', hostileText(), (text) => {
    const commands = [...printable(text)].filter((character) => {
      const code = character.codePointAt(0) ?? 0;
      return (code < 0x20 || (code >= 0x7f && code < 0xa0)) && character !== '\n' && character !== '\t';
    });
    expect(commands).toEqual([]);
  });

  const versions = fc.array(hostileText(10), { maxLength: 6 });
  holdsFor('reaches a client of the HTTP API whole, whatever was taken back', versions, (texts) => {
    let has = '';
    let sent = '';
    texts.forEach((text, index) => {
      const step = catchUp(sent, text, index === texts.length - 1);
      has = (step.reset ? '' : has) + step.delta;
      sent = step.sent;
    });
    expect(has).toBe(texts.at(-1) ?? '');
  });

  const pieces = fc.array(fc.tuple(hostileText(3), fc.nat(20)), { maxLength: 20 });
  holdsFor('shows no reasoning that was opened, however it is cut', pieces, (list) => {
    const hidden = 'HIDDEN';
    const inner = list
      .map(([text]) => text.replace(/<\/think(ing)?>/gi, ''))
      .join('')
      .slice(0, 5_000);
    const whole = `<think>${inner}${hidden}</think>shown`;
    const cuts = list.map(([, size]) => size + 1);
    const filter = createReasoningFilter('answer');
    let shown = '';
    for (let at = 0, turn = 0; at < whole.length; turn++) {
      const size = cuts[turn % Math.max(1, cuts.length)] ?? 7;
      shown += filter.push(whole.slice(at, at + size));
      at += size;
    }
    shown += filter.flush(true);
    expect(shown).not.toContain(hidden);
  });
});
