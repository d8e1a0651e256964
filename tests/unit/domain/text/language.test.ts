import { describe, expect, test } from 'vitest';
import { conversationLanguage, languageOf } from '../../../../src/domain/text/language.js';

describe('languageOf', () => {
  test.each([
    ['What is this?', 'en'],
    ['这是什么？', 'zh'],
    ['请解释一下 transformer 模型', 'zh'],
    ['これは何ですか', 'en'],
    ['東京都庁へ行く', 'en'],
    ['123 :)', null],
    ['the word 你 means you, and so on', 'en'],
  ])('reads %s as %s', (text, language) => {
    expect(languageOf(text)).toBe(language);
  });
});

describe('conversationLanguage', () => {
  test('follows the newest message that shows a language, unless it is set', () => {
    expect(conversationLanguage('auto', ['42', '你好', 'hello'])).toBe('zh');
    expect(conversationLanguage('auto', [])).toBe('en');
    expect(conversationLanguage('en', ['你好'])).toBe('en');
  });
});
