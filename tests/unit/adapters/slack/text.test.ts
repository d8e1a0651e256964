import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mentionedUsers, mentions, readableText } from '../../../../adapters/slack/client/readable-text.js';
import { commandKey, messageKey, partId, readPartId } from '../../../../adapters/slack/client/slack-ids.js';
import {
  appendable,
  ESCAPE_GROWTH,
  escapeMarkdown,
} from '../../../../adapters/slack/delivery/escape-markdown.js';
import { noticeContent } from '../../../../adapters/slack/delivery/notice.js';
import { partContent } from '../../../../adapters/slack/delivery/part-blocks.js';
import { sentencesIn } from '../../../../adapters/slack/delivery/sentences.js';
import {
  commandInMention,
  explainProblem,
  parseCommand,
} from '../../../../adapters/slack/source/command-text.js';
import { COMMANDS } from '../../../../src/pipeline/commands/definitions.js';

const markup = fc.string({
  unit: fc.constantFrom('<', '>', '&', '!', '@', 'U1', '#', '|', '\n', ' ', '`', 'a', '😀', 'lt;'),
});

describe('escaped Markdown', () => {
  test('holds nothing that Slack would parse, and reads as before', () => {
    fc.assert(
      fc.property(markup, (text) => {
        const escaped = escapeMarkdown(text);
        expect(escaped).not.toContain('<');
        expect(escaped.length).toBeLessThanOrEqual(text.length * ESCAPE_GROWTH);
        expect(escaped.replaceAll('&lt;', '<').replaceAll('&gt;', '>')).toBe(
          text.replaceAll('&lt;', '<').replaceAll('&gt;', '>'),
        );
      }),
    );
  });

  test('of a beginning is a beginning of the whole, so that a stream can grow', () => {
    fc.assert(
      fc.property(markup, fc.nat(), (text, length) => {
        expect(escapeMarkdown(text).startsWith(escapeMarkdown(text.slice(0, length)))).toBe(true);
      }),
    );
  });

  test('keeps quotes, which need their mark', () => {
    expect(escapeMarkdown('> a > b\n>> c\n  > d\nx > y')).toBe('> a &gt; b\n>> c\n  > d\nx &gt; y');
  });
});

test('what can be appended now leaves out a closing fence, and nothing else', () => {
  expect(appendable('```\ncode\n```')).toBe('```\ncode');
  expect(appendable('a\n~~~~')).toBe('a');
  expect(appendable('a\n```js')).toBe('a\n```js');
  expect(appendable('no fence ```')).toBe('no fence ```');
  fc.assert(fc.property(fc.string(), (text) => text.startsWith(appendable(text))));
});

test('what is cut to Slack’s limits halves no character', () => {
  const long = '😀'.repeat(4_000);
  const part = { turnId: 7, revision: 0, index: 0, state: 'final', controls: 'none' } as const;
  const { text } = partContent({ ...part, text: `a${long}` }, 'en');
  expect(text).toHaveLength(2_999);
  expect(text.isWellFormed()).toBe(true);
  expect(noticeContent(long).text.isWellFormed()).toBe(true);
});

describe('readable text', () => {
  const names = { user: (id: string) => (id === 'U2' ? 'Grace' : id) };
  test.each([
    ['<@U1> hello', 'hello'],
    ['hello <@U1|parley>', 'hello'],
    ['<@U2> and <@U3>', '@Grace and @U3'],
    ['<@W9|walter>', '@walter'],
    ['<#C1|general> <#C2>', '#general #C2'],
    ['<https://x.org|x> <https://x.org>', 'x (https://x.org) https://x.org'],
    ['<https://x.org|https://x.org>', 'https://x.org'],
    ['<mailto:a@b.org|a@b.org> <tel:123>', 'a@b.org 123'],
    ['<!here> <!channel> <!subteam^S1|@team> <!date^0^{date}|Monday>', '@here @channel @team Monday'],
    ['a &lt; b &amp;&amp; c &gt; d &amp;lt;', 'a < b && c > d &lt;'],
    ['if (a < b) { x > y }', 'if (a < b) { x > y }'],
  ])('%s', (text, readable) => {
    expect(readableText(text, 'U1', names)).toBe(readable);
  });

  test('takes any text', () => {
    fc.assert(
      fc.property(markup, (text) => {
        readableText(text, 'U1', names);
        mentionedUsers(text);
      }),
    );
  });

  test('finds mentions, not words', () => {
    expect(mentions('hi <@U1>', 'U1')).toBe(true);
    expect(mentions('hi <@U1|parley>', 'U1')).toBe(true);
    expect(mentions('hi <@U12> U1 &lt;@U1&gt;', 'U1')).toBe(false);
  });
});

describe('typed commands', () => {
  const parse = (text: string) => parseCommand(text, COMMANDS);
  const explained = (text: string, language: 'en' | 'zh') => {
    const parsed = parse(text);
    return parsed.type === 'problem' ? explainProblem(parsed, sentencesIn(language)) : null;
  };
  const command = (name: string, values = {}) => ({ type: 'command', name, values });

  test.each([
    ['', command('help')],
    ['help', command('help')],
    ['HELP', command('help')],
    ['why is the sky blue?', command('ask', { question: 'why is the sky blue?' })],
    ['ask what does x=5 mean?', command('ask', { question: 'what does x=5 mean?' })],
    ['ask model=large why?', command('ask', { model: 'large', question: 'why?' })],
    ['ask why model=large ?', command('ask', { question: 'why model=large ?' })],
    ['ask question="in quotes" ', command('ask', { question: 'in quotes' })],
    ['model', command('model')],
    ['model medium', command('model', { name: 'medium' })],
    ['model name=medium', command('model', { name: 'medium' })],
    ['settings persona=“my own” top_k=5', command('settings', { persona: 'my own', top_k: 5 })],
    ['settings medical temperature=1', command('settings', { persona: 'medical', temperature: 1 })],
    ['settings LANGUAGE=ZH reset=no', command('settings', { language: 'zh', reset: false })],
    ['forget-me', command('forget-me')],
  ])('%s', (text, parsed) => {
    expect(parse(text)).toEqual(parsed);
  });

  test.each([
    ['ask', '`question` is missing. Use: `/parley ask question [model=…]`'],
    ['settings temperature=3', '`temperature` takes a number from 0 to 2, not “3”.'],
    ['settings top_k=1.5', '`top_k` takes a whole number from 0 to 1000, not “1.5”.'],
    ['settings top_k=', '`top_k` takes a whole number from 0 to 1000, not “”.'],
    ['settings follow_threads=perhaps', '`follow_threads` takes yes or no, not “perhaps”.'],
    ['settings language=fr', '`language` takes one of auto, en, zh, not “fr”.'],
    ['settings temprature=1', '`temprature` is no option of this command.'],
    ['clear everything', 'This command takes no options. Use: `/parley clear`'],
  ])('%s is explained', (text, explanation) => {
    expect(explained(text, 'en')).toContain(explanation);
  });

  test.each([
    ['ask', '缺少 `question`。 用法：`/parley ask question [model=…]`'],
    ['settings top_k=1.5', '`top_k` 应为 0 到 1000 之间的整数，不能是“1.5”。'],
    ['settings temprature=1', '这个命令没有选项 `temprature`。'],
  ])('%s is explained in Chinese', (text, explanation) => {
    expect(explained(text, 'zh')).toContain(explanation);
  });

  test('a command after a mention begins with a slash', () => {
    expect(commandInMention('/clear', COMMANDS)).toEqual(command('clear'));
    expect(commandInMention('clear my mind', COMMANDS)).toBeNull();
    expect(commandInMention('/etc/hosts says?', COMMANDS)).toBeNull();
  });

  test('takes any text', () => {
    const isParsed = (text: string) => ['command', 'problem'].includes(parse(text).type);
    fc.assert(fc.property(fc.string(), isParsed));
    fc.assert(fc.property(fc.string(), (text) => isParsed(`settings ${text}`)));
  });
});

test('keys and ids tell places apart', () => {
  const place = { app: 'A1', team: 'T1', channel: 'C1' };
  expect(messageKey(place, '1.2')).toBe('slack/A1/T1/C1/1.2');
  expect(commandKey(place, '1.2')).not.toBe(messageKey(place, '1.2'));
  expect(readPartId(partId('C1', '1700000000.000100'))).toEqual({ channel: 'C1', ts: '1700000000.000100' });
});
