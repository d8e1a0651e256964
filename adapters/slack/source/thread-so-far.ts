import type { WebClient } from '@slack/web-api';
import type { Quote } from '../../../src/domain/turn.js';
import type { Log } from '../../../src/ports/process/log.js';
import { attemptCall } from '../client/attempt-call.js';
import { authorKey, type SlackPlace } from '../client/slack-ids.js';
import type { People } from '../workspaces/people.js';

/** Newest messages of a thread that are quoted, and how long that may get, in UTF-16 code units. */
const LIMITS = { read: 100, messages: 30, length: 4_000 };
/** Slack waits 3 s for the acknowledgement. */
const PATIENCE_MS = 1_000;

/**
 * What people said in a thread before the bot was mentioned in it the first time, one line a message, the newest kept.
 *
 * @param before - timestamp of the mention
 * @returns null where there is nothing, or Slack does not tell: the mention alone must do
 */
export async function threadSoFar(
  client: WebClient,
  people: People,
  place: SlackPlace & { readonly thread: string },
  before: string,
  self: string,
  log: Log,
): Promise<Quote | null> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const range = { channel: place.channel, ts: place.thread, latest: before, limit: LIMITS.read };
  try {
    const result = await attemptCall(() => client.conversations.replies(range), signal);
    if (!result.ok) {
      log.debug({ failure: result.failure.type }, 'Slack did not tell what a thread says');
      return null;
    }
    const said = (result.value.messages ?? [])
      .filter((message) => message.text && message.ts !== undefined && message.ts < before)
      .slice(-LIMITS.messages);
    const lines: string[] = [];
    for (const message of said) {
      const name = message.user ? await people.nameOf(message.user) : 'someone';
      lines.push(`${name}: ${await people.readable(message.text ?? '', self)}`);
    }
    const text = newest(lines.join('\n'), LIMITS.length);
    if (text === '') return null;
    const users = new Set(said.flatMap(({ user }) => user ?? []));
    return {
      author: 'the thread so far',
      text,
      authorKeys: [...users].map((user) => authorKey(place.team, user)),
      messageIds: said.flatMap(({ ts }) => ts ?? []),
    };
  } catch (error) {
    if (!signal.aborted) throw error;
    log.debug({}, 'Slack did not tell in time what a thread says');
    return null;
  }
}

/** The last `limit` code units of `text`, from the start of a line. */
function newest(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const tail = text.slice(-limit);
  return tail.slice(tail.indexOf('\n') + 1);
}
