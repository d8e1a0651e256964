import type { Language } from '../settings.js';

/**
 * The language a message is written in, of those the bot's own sentences come in. Chinese where at least a third of
 * its letters are Han and none is kana (which would make it Japanese); null where it has no letters.
 */
export function languageOf(text: string): Language | null {
  const letters = count(text, /\p{L}/gu);
  if (letters === 0) return null;
  const han = count(text, /\p{Script=Han}/gu);
  const kana = /[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text);
  return !kana && han * 3 >= letters ? 'zh' : 'en';
}

/** The setting, or the language of the newest text that shows one; English where none does. */
export function conversationLanguage(setting: Language | 'auto', newestFirst: readonly string[]): Language {
  if (setting !== 'auto') return setting;
  for (const text of newestFirst) {
    const language = languageOf(text);
    if (language) return language;
  }
  return 'en';
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
