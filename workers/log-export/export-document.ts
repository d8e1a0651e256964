import { createHmac } from 'node:crypto';
import { samplingOnWire } from '../../src/domain/sampling.js';
import type { FinishedTurn } from '../../src/ports/turns/turn-exports.js';

/** Gives a user the same name in every document, from which nobody without the key finds theirs. */
export type Pseudonym = (authorKey: string) => string;

/** @returns 32 hexadecimal digits: the first half of HMAC-SHA256(key, authorKey) */
export function pseudonymBy(key: string): Pseudonym {
  return (authorKey) => createHmac('sha256', key).update(authorKey).digest('hex').slice(0, 32);
}

/**
 * What is posted of one finished turn, as JSON. Times are ISO 8601 in UTC, durations milliseconds.
 *
 * @param pseudonym - hides who wrote: names and ids of users and, since those of a direct message name one person, of
 *   places. The text itself is left as it is. Null posts them all.
 */
export function exportDocument(turn: FinishedTurn, pseudonym: Pseudonym | null): object {
  return {
    type: 'turn',
    turn_id: turn.id,
    revision: turn.revision,
    conversation_id: String(turn.conversationId),
    timestamp: turn.finishedAt.toISOString(),
    accepted_at: turn.acceptedAt.toISOString(),
    platform: turn.platform,
    ...(pseudonym
      ? { user: { id: pseudonym(turn.author.key) } }
      : {
          user: { id: turn.author.key, name: turn.author.name },
          place: { workspace: turn.workspace, channel: turn.channel, thread: turn.thread },
        }),
    state: turn.state,
    ...(turn.failureKind === null ? {} : { failure: turn.failureKind }),
    messages: [
      { role: 'user', content: turn.text, ...quoteOf(turn, pseudonym) },
      ...(turn.reply === '' ? [] : [{ role: 'assistant', content: turn.reply }]),
    ],
    model: turn.model,
    parameters: turn.sampling ? samplingOnWire(turn.sampling) : null,
    finish_reason: turn.finishReason,
    usage: {
      prompt_tokens: turn.usage.prompt,
      cached_tokens: turn.usage.cached,
      completion_tokens: turn.usage.reply,
      total_tokens: turn.usage.prompt + turn.usage.reply,
    },
    time_to_first_token_ms: turn.timeToFirstTokenMs,
    tokens_per_second: turn.tokensPerSecond,
  };
}

function quoteOf(turn: FinishedTurn, pseudonym: Pseudonym | null): object {
  if (!turn.quoted) return {};
  const { author, text } = turn.quoted;
  return { quoted: pseudonym ? { content: text } : { name: author, content: text } };
}
