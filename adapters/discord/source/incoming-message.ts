import type { Address } from '../../../src/domain/address.js';
import type { IncomingMessage } from '../../../src/domain/turn.js';
import { sentencesIn } from '../delivery/sentences.js';
import type { MessageTarget } from '../delivery/target.js';
import type { BotIdentity } from '../gateway/shard-memory.js';
import type { HeardMessage } from './heard-message.js';

/** When a message was written, beside when it came. */
export type Written = 'now' | 'earlier' | 'earlier, perhaps taken in';

/** What was heard, as the pipeline takes it in. */
export function incomingMessage(
  heard: HeardMessage,
  address: Address,
  bot: BotIdentity,
  written: Written,
): IncomingMessage {
  const { author, language, quoted } = heard;
  const target: MessageTarget = {
    platform: 'discord',
    type: 'message',
    channelId: heard.channelId,
    messageId: heard.id,
    askerId: author.id,
    language,
  };
  // A bare mention in reply to a message asks about that message.
  const text = heard.text === '' && quoted ? sentencesIn(language).aboutDefault : heard.text;
  return {
    key: `discord/${bot.applicationId}/${heard.channelId}/${heard.id}`,
    platformMessageId: heard.id,
    address,
    author: { key: `discord/${author.id}`, name: author.name, id: author.id },
    text,
    ...(quoted ? { quoted } : {}),
    ...(written === 'now' ? {} : { writtenEarlier: true }),
    target,
  };
}
