import type { CommandDefinition } from '../../domain/commands.js';
import type { Language } from '../../domain/settings.js';
import type { ModelSummary } from '../../ports/models/model-router.js';
import type { UsageTotals } from '../../ports/turns/usage-store.js';

/** What commands answer. */
export interface CommandPhrases {
  /** A line of the list; `chosen`: it answers in this place. */
  model(model: ModelSummary, chosen: boolean): string;
  modelChosen(alias: string): string;
  settingsChanged(names: readonly string[]): string;
  readonly settingsReset: string;
  readonly mayNotChange: string;
  outOfRange(name: string, min: number, max: number): string;
  notWhole(name: string): string;
  notOneOf(name: string, known: readonly string[]): string;
  cleared(turns: number): string;
  stopped(turns: number): string;
  readonly nothingToStop: string;
  readonly retrying: string;
  forgotten(turns: number): string;
  usage(day: UsageTotals, month: UsageTotals): string;
  help(commands: readonly CommandDefinition[]): string;
}

const en: CommandPhrases = {
  model: ({ alias, description, runs, state }, chosen) => {
    const states = {
      ready: '',
      loading: 'loading',
      'not-downloaded': 'not downloaded yet',
      unavailable: 'not available now',
    };
    const marks = [runs, states[state], chosen ? 'answers here' : ''].filter((mark) => mark !== '');
    return `- **${alias}** (${marks.join(', ')}): ${description}`;
  },
  modelChosen: (alias) => `From now on **${alias}** answers here.`,
  settingsChanged: (names) => `Changed: ${names.join(', ')}.`,
  settingsReset: 'All settings here are back to their defaults.',
  mayNotChange: 'You may not change this here. People who manage this channel, or the bot’s admins, can.',
  outOfRange: (name, min, max) => `${name} must be between ${min} and ${max}.`,
  notWhole: (name) => `${name} must be a whole number.`,
  notOneOf: (name, known) => `${name} must be one of: ${known.join(', ')}.`,
  cleared: (turns) => (turns === 0 ? 'There was nothing to forget.' : 'Forgotten. We start afresh.'),
  stopped: (turns) => (turns === 1 ? 'Stopping the reply.' : `Stopping ${turns} replies.`),
  nothingToStop: 'No reply of yours is being written here.',
  retrying: 'Answering the last message again.',
  forgotten: (turns) =>
    turns === 0
      ? 'I hold no messages of yours.'
      : `Erased: ${turns} of your messages and the replies to them, everywhere.`,
  usage: (day, month) =>
    ['Your usage:', `- last 24 hours: ${usedEn(day)}`, `- last 30 days: ${usedEn(month)}`].join('\n'),
  help: (commands) =>
    [
      'Mention me, write to me directly, or use a command:',
      ...commands.map((command) => `- **${command.name}**: ${command.description}`),
    ].join('\n'),
};

const zh: CommandPhrases = {
  model: ({ alias, description, runs, state }, chosen) => {
    const states = {
      ready: '',
      loading: '正在加载',
      'not-downloaded': '尚未下载',
      unavailable: '暂时不可用',
    };
    const where = runs === 'local' ? '本地' : '托管';
    const marks = [where, states[state], chosen ? '在这里回答' : ''].filter((mark) => mark !== '');
    return `- **${alias}**（${marks.join('，')}）：${description}`;
  },
  modelChosen: (alias) => `从现在起，这里由 **${alias}** 回答。`,
  settingsChanged: (names) => `已更改：${names.join('、')}。`,
  settingsReset: '这里的所有设置已恢复默认。',
  mayNotChange: '你不能更改这里的设置。频道的管理者或机器人的管理员可以。',
  outOfRange: (name, min, max) => `${name} 必须在 ${min} 和 ${max} 之间。`,
  notWhole: (name) => `${name} 必须是整数。`,
  notOneOf: (name, known) => `${name} 必须是以下之一：${known.join('、')}。`,
  cleared: (turns) => (turns === 0 ? '没有什么可以忘记的。' : '已忘记，我们重新开始。'),
  stopped: (turns) => `正在停止 ${turns} 个回答。`,
  nothingToStop: '这里没有正在写给你的回答。',
  retrying: '正在重新回答上一条消息。',
  forgotten: (turns) =>
    turns === 0 ? '我没有保存你的任何消息。' : `已在所有地方删除你的 ${turns} 条消息和对应的回答。`,
  usage: (day, month) =>
    ['你的用量：', `- 过去 24 小时：${usedZh(day)}`, `- 过去 30 天：${usedZh(month)}`].join('\n'),
  help: (commands) =>
    [
      '提到我、给我发私信，或者使用命令：',
      ...commands.map((command) => `- **${command.name}**：${command.description}`),
    ].join('\n'),
};

export function commandPhrasesIn(language: Language): CommandPhrases {
  return language === 'zh' ? zh : en;
}

/** Tokens of replaced answers are named only where there are any: they count towards the limits. */
function usedEn({ turns, promptTokens, replyTokens, replacedTokens }: UsageTotals): string {
  const used = `${turns} ${turns === 1 ? 'question' : 'questions'}, ${promptTokens} tokens read, ${replyTokens} written`;
  return replacedTokens === 0 ? used : `${used}, ${replacedTokens} for answers written again`;
}

function usedZh({ turns, promptTokens, replyTokens, replacedTokens }: UsageTotals): string {
  const used = `${turns} 个问题，读取 ${promptTokens} 个词元，写出 ${replyTokens} 个`;
  return replacedTokens === 0 ? used : `${used}，重新回答另用 ${replacedTokens} 个`;
}
