import type { CommandOption } from '../../../src/domain/commands.js';
import type { Language } from '../../../src/domain/settings.js';

/** What the adapter itself says to people, besides what the inbox hands it. */
export interface Sentences {
  readonly noOptions: string;
  unknownOption(name: string): string;
  missing(name: string): string;
  misfit(option: CommandOption, given: string): string;
  usage(command: string): string;
  readonly failed: string;
  readonly notMine: string;
  readonly notYours: string;
  readonly ended: string;
  readonly thinking: string;
  readonly ready: string;
  readonly stop: string;
  readonly outside: string;
}

const en: Sentences = {
  noOptions: 'This command takes no options.',
  unknownOption: (name) => `\`${name}\` is no option of this command.`,
  missing: (name) => `\`${name}\` is missing.`,
  misfit: (option, given) => `\`${option.name}\` takes ${expectedEn(option)}, not “${given}”.`,
  usage: (command) => `Use: \`${command}\``,
  failed: 'That did not work. Please try again in a minute.',
  notMine: 'This reply is no longer known.',
  notYours: 'Only the person who asked, or an admin, can do that.',
  ended: 'This reply has ended already.',
  thinking: 'is thinking…',
  ready: 'The answer above is ready.',
  stop: 'Stop',
  outside: "I'm not in this channel, so I can't answer here. Invite me first: `/invite`, then my name.",
};

const zh: Sentences = {
  noOptions: '这个命令没有选项。',
  unknownOption: (name) => `这个命令没有选项 \`${name}\`。`,
  missing: (name) => `缺少 \`${name}\`。`,
  misfit: (option, given) => `\`${option.name}\` 应为 ${expectedZh(option)}，不能是“${given}”。`,
  usage: (command) => `用法：\`${command}\``,
  failed: '没有成功，请过一分钟再试。',
  notMine: '我已经不认识这条回复了。',
  notYours: '只有提问的人或管理员可以这样做。',
  ended: '这条回复已经结束了。',
  thinking: '正在思考…',
  ready: '上面的回答已完成。',
  stop: '停止',
  outside: '我不在这个频道里，无法在这里回答。请先邀请我：输入 `/invite`，再加上我的名字。',
};

export function sentencesIn(language: Language): Sentences {
  return language === 'zh' ? zh : en;
}

function expectedEn({ type, choices, min, max }: CommandOption): string {
  if (type === 'yes-no') return 'yes or no';
  if (type === 'text') return choices ? `one of ${choices.join(', ')}` : 'text';
  const kind = type === 'whole' ? 'a whole number' : 'a number';
  if (min !== undefined && max !== undefined) return `${kind} from ${min} to ${max}`;
  if (min !== undefined) return `${kind} of at least ${min}`;
  return max === undefined ? kind : `${kind} of at most ${max}`;
}

function expectedZh({ type, choices, min, max }: CommandOption): string {
  if (type === 'yes-no') return 'yes 或 no';
  if (type === 'text') return choices ? `以下之一：${choices.join('、')}` : '文字';
  const kind = type === 'whole' ? '整数' : '数字';
  if (min !== undefined && max !== undefined) return `${min} 到 ${max} 之间的${kind}`;
  if (min !== undefined) return `不小于 ${min} 的${kind}`;
  return max === undefined ? kind : `不大于 ${max} 的${kind}`;
}
