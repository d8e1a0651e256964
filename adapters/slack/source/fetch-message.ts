import type { WebClient } from '@slack/web-api';
import { attemptCall } from '../client/attempt-call.js';
import type { SlackPlace } from '../client/slack-ids.js';
import { readConversationMessage, type SlackMessage } from './slack-events.js';

/** Slack waits 3 s for the acknowledgement. */
const PATIENCE_MS = 1_000;

/** Reads one message again, with all that belongs to it; null where Slack does not give it in time. */
export async function fetchMessage(
  client: WebClient,
  place: SlackPlace,
  message: SlackMessage,
): Promise<SlackMessage | null> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const range = { channel: place.channel, oldest: message.ts, latest: message.ts, inclusive: true, limit: 5 };
  const { thread_ts: thread } = message;
  const read = async (): Promise<readonly unknown[]> => {
    const answer =
      thread === undefined
        ? await client.conversations.history(range)
        : await client.conversations.replies({ ...range, ts: thread });
    return answer.messages ?? [];
  };
  try {
    const result = await attemptCall(read, signal);
    const found = result.ok ? result.value.map(readConversationMessage) : [];
    return found.find((each) => each?.ts === message.ts) ?? null;
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }
}
