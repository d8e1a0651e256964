import type { Language } from '../../../src/domain/settings.js';

/** What the adapter itself says to people, besides what the inbox hands it. */
export interface Sentences {
  readonly notTaken: string;
  readonly unreadable: string;
  /** @param count - messages of this channel, at least 1 */
  missed(count: number): string;
  readonly notYours: string;
  readonly notMine: string;
  readonly ended: string;
  readonly thanks: string;
  readonly unknownCommand: string;
  readonly aboutTitle: string;
  readonly aboutQuestion: string;
  readonly aboutMessage: string;
  readonly aboutDefault: string;
  skipped(names: readonly string[]): string;
  file(name: string): string;
  sticker(name: string): string;
  readonly embed: string;
  readonly poll: string;
}

const en: Sentences = {
  notTaken:
    'I could not take that in: something behind me is out of reach. Please try again in a few minutes.',
  unreadable:
    "I can't read that message: Discord shows me replies only if they ping or mention me. Please mention me in it.",
  missed: (count) =>
    count === 1
      ? 'I was away when you wrote this, and that is a while ago. Please ask again if you still want to know.'
      : `I was away and missed ${count} messages here, this one the last. Please ask again what you still want to know.`,
  notYours: 'Only the person who asked, or someone who may change the settings here, can do that.',
  notMine: 'I no longer know that reply.',
  ended: 'That reply has ended already.',
  thanks: 'Thank you, noted.',
  unknownCommand: 'I no longer know that command: `/help` lists those I know.',
  aboutTitle: 'Ask about this message',
  aboutQuestion: 'Your question',
  aboutMessage: 'The message',
  aboutDefault: 'What do you make of this message?',
  skipped: (names) => `[Not read: ${names.join(', ')}]`,
  file: (name) => `file "${name}"`,
  sticker: (name) => `sticker "${name}"`,
  embed: 'an embed',
  poll: 'a poll',
};

const zh: Sentences = {
  notTaken: '暂时无法处理这条消息，后台服务连接不上，请过几分钟再试。',
  unreadable: '我读不到这条消息：只有提到我的回复 Discord 才会给我看，请在消息里提到我。',
  missed: (count) =>
    count === 1
      ? '你写这条消息时我不在，已经过去一段时间了。如果还想知道，请再问一次。'
      : `我不在的时候，这里有 ${count} 条消息没有收到，这是最后一条。如果还想知道，请再问一次。`,
  notYours: '只有提问的人，或可以更改这里设置的人，才能这样做。',
  notMine: '我已经不认识这条回复了。',
  ended: '这条回复已经结束了。',
  thanks: '谢谢，已记下。',
  unknownCommand: '我已经不认识这个命令了：`/help` 会列出我认识的命令。',
  aboutTitle: '询问这条消息',
  aboutQuestion: '你的问题',
  aboutMessage: '消息内容',
  aboutDefault: '你怎么看这条消息？',
  skipped: (names) => `[未读取：${names.join('、')}]`,
  file: (name) => `文件“${name}”`,
  sticker: (name) => `贴纸“${name}”`,
  embed: '嵌入内容',
  poll: '投票',
};

export function sentencesIn(language: Language): Sentences {
  return language === 'zh' ? zh : en;
}
