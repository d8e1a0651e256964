import type { FailureKind } from '../failure.js';
import type { Language } from '../settings.js';

/** The bot's own sentences. Each says what happened and what to do. */
export interface Phrases {
  readonly thinking: string;
  queued(ahead: number): string;
  readonly stopped: string;
  readonly cleared: string;
  readonly cutShort: string;
  readonly lengthReached: string;
  answeredBy(alias: string): string;
  failed(kind: FailureKind | 'bug'): string;
  /** Where a system prompt was set. */
  readonly promptTooLong: string;
  readonly refused: {
    readonly empty: string;
    tooLong(length: number, limit: number): string;
    unknownModel(name: string, known: readonly string[]): string;
    turnLimit(perMinute: number): string;
    tokenLimit(perDay: number): string;
    /** Of the API key that a program asked with. */
    keyTurnLimit(perMinute: number): string;
    keyTokenLimit(perDay: number): string;
    readonly nothingToRegenerate: string;
    readonly nothingToReplace: string;
    readonly replacedAlready: string;
    readonly stillAnswering: string;
    readonly notFinished: string;
  };
}

const en: Phrases = {
  thinking: 'Thinking…',
  queued: (ahead) =>
    ahead === 1 ? 'One question is ahead of yours…' : `${ahead} questions are ahead of yours…`,
  stopped: 'Stopped.',
  cleared: 'This question was cleared before it was answered.',
  cutShort: 'The answer broke off here. Use retry to ask again.',
  lengthReached: 'The answer reached its length limit.',
  answeredBy: (alias) => `Answered by ${alias}`,
  failed: (kind) =>
    ({
      'provider-unavailable': 'The model cannot be reached right now. Please try again in a minute.',
      'provider-overloaded': 'The model is too busy right now. Please try again in a minute.',
      'provider-rejected':
        'The model refused this request. Whoever runs this bot can find the reason in its log.',
      'model-missing':
        'The model’s file is missing or damaged on this machine. Whoever runs this bot sees why with `npx parley doctor`, and can fetch it with `npx parley models pull` or set PARLEY_MODEL to another .gguf file.',
      'model-unserved':
        'This model runs on no machine right now. Please try again later, or choose another one with the model command.',
      'context-overflow': 'This message is too long for the model. Please shorten it.',
      'empty-answer':
        'The model gave no usable answer. Please put the question another way, or try another model.',
      'delivery-failed': 'The answer could not be delivered here.',
      'bad-input': 'This message cannot be answered as it is.',
      setup: 'The bot is not set up completely. Whoever runs it can find the reason in its log.',
      bug: 'Something went wrong inside the bot. Whoever runs it can find the reason in its log.',
    })[kind],
  promptTooLong:
    'This message and the system prompt of this conversation are too long for the model together. Please shorten one of them.',
  refused: {
    empty: 'What would you like to know? Send me a question along with the mention.',
    tooLong: (length, limit) =>
      `That message has ${length} characters; I can read up to ${limit}. Please shorten it.`,
    unknownModel: (name, known) => `I don't know the model "${name}". I know: ${known.join(', ')}.`,
    turnLimit: (perMinute) =>
      `You have asked ${perMinute} questions within a minute, which is the limit here. Please wait a moment.`,
    tokenLimit: (perDay) =>
      `You have used your ${perDay.toLocaleString('en')} tokens for the last 24 hours. Please come back later.`,
    keyTurnLimit: (perMinute) =>
      `This API key has asked ${perMinute === 1 ? 'a question' : `${perMinute} questions`} within a minute, which is its limit. Wait a minute, or ask whoever runs Parley for a higher one.`,
    keyTokenLimit: (perDay) =>
      `This API key has used its ${perDay.toLocaleString('en')} tokens for the last 24 hours. Come back later, or ask whoever runs Parley for more.`,
    nothingToRegenerate: 'There is no message to answer again.',
    nothingToReplace: 'This conversation has no such question to replace.',
    replacedAlready:
      'This question was replaced or cleared meanwhile. Load the conversation again to see what is there now.',
    stillAnswering:
      'This question, or one after it, is still being answered. Stop the answer first, then send the question again.',
    notFinished: 'This reply is still being written.',
  },
};

const zh: Phrases = {
  thinking: '思考中…',
  queued: (ahead) => `前面还有 ${ahead} 个问题…`,
  stopped: '已停止。',
  cleared: '这个问题在回答之前已被清除。',
  cutShort: '回答在这里中断了。可以用 retry 重新提问。',
  lengthReached: '回答已达到长度上限。',
  answeredBy: (alias) => `由 ${alias} 回答`,
  failed: (kind) =>
    ({
      'provider-unavailable': '模型暂时无法连接，请稍后再试。',
      'provider-overloaded': '模型现在太忙，请稍后再试。',
      'provider-rejected': '模型拒绝了这个请求，机器人的管理员可以在日志里查看原因。',
      'model-missing':
        '这台机器上的模型文件缺失或损坏。管理员可以用 `npx parley doctor` 查看原因，用 `npx parley models pull` 下载，或者把 PARLEY_MODEL 设为另一个 .gguf 文件。',
      'model-unserved': '这个模型现在没有在任何机器上运行，请稍后再试，或者用 model 命令换一个模型。',
      'context-overflow': '这条消息对模型来说太长了，请缩短后再发。',
      'empty-answer': '模型没有给出可用的回答，请换一种问法，或者换一个模型。',
      'delivery-failed': '回答无法发送到这里。',
      'bad-input': '这条消息无法回答。',
      setup: '机器人还没有完全配置好，管理员可以在日志里查看原因。',
      bug: '机器人内部出错了，管理员可以在日志里查看原因。',
    })[kind],
  promptTooLong: '这条消息和本对话的系统提示词加起来对模型来说太长了，请缩短其中之一。',
  refused: {
    empty: '想问什么呢？请在提到我的同时写上问题。',
    tooLong: (length, limit) => `这条消息有 ${length} 个字符，我最多能读 ${limit} 个，请缩短后再发。`,
    unknownModel: (name, known) => `没有名为“${name}”的模型。可用的模型：${known.join('、')}。`,
    turnLimit: (perMinute) => `你在一分钟内已经提了 ${perMinute} 个问题，达到了这里的上限，请稍等片刻。`,
    tokenLimit: (perDay) => `你在过去 24 小时内已用完 ${perDay} 个词元，请稍后再来。`,
    keyTurnLimit: (perMinute) =>
      `这个 API 密钥在一分钟内已经提了 ${perMinute} 个问题，达到了它的上限。请等一分钟，或者请管理员提高上限。`,
    keyTokenLimit: (perDay) =>
      `这个 API 密钥在过去 24 小时内已用完 ${perDay} 个词元。请稍后再来，或者请管理员提高上限。`,
    nothingToRegenerate: '没有可以重新回答的消息。',
    nothingToReplace: '这个对话里没有可以替换的这个问题。',
    replacedAlready: '这个问题已经被替换或清除，请重新加载对话查看现在的内容。',
    stillAnswering: '这个问题或它之后的问题还在回答中，请先停止回答，再重新发送。',
    notFinished: '这条回复还在生成中。',
  },
};

export function phrasesIn(language: Language): Phrases {
  return language === 'zh' ? zh : en;
}
