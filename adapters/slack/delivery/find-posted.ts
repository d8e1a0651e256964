import type { ChatUpdateArguments, WebClient } from '@slack/web-api';
import { z } from 'zod';
import { attemptCall, type CallResult } from '../client/attempt-call.js';
import type { SlackTarget } from '../client/slack-ids.js';
import { readBlockId } from './part-blocks.js';

type MessageMetadata = ChatUpdateArguments['metadata'];

/** What a message of ours is: a part of a reply, or the call for attention after a long one. */
export interface MessageIdentity {
  readonly turnId: number;
  /** Index of the part; `attention` for the call. */
  readonly part: number | 'attention';
}

const EVENT_TYPE = 'parley_reply';
/** Messages read to find one of ours: replies are younger than the question, so it is among the first. */
const PAGE = 100;

/** Metadata that names a message for `findPosted`; equal whoever posts it. */
export function identityMetadata(identity: MessageIdentity, revision: number): NonNullable<MessageMetadata> {
  const { turnId, part } = identity;
  return { event_type: EVENT_TYPE, event_payload: { turn: turnId, revision, part } };
}

const Found = z.object({
  ts: z.string(),
  app_id: z.string().optional(),
  metadata: z
    .object({
      event_type: z.string().optional(),
      event_payload: z.record(z.string(), z.unknown()).optional(),
    })
    .optional(),
  blocks: z.array(z.object({ block_id: z.string().optional() })).optional(),
});

export interface FoundMessage {
  readonly ts: string;
  /** It began as a stream, which may still be open. */
  readonly mayStream: boolean;
}

/** What `findPosted` calls. */
export function readingMethod({ thread }: Pick<SlackTarget, 'thread'>) {
  return thread === undefined ? 'conversations.history' : 'conversations.replies';
}

/** Looks where `target` points for a message that was posted already; null where it is not there. */
export async function findPosted(
  client: WebClient,
  target: SlackTarget,
  identity: MessageIdentity,
  signal: AbortSignal,
): Promise<CallResult<FoundMessage | null>> {
  const range = {
    channel: target.channel,
    limit: PAGE,
    include_all_metadata: true,
    ...(target.message === undefined ? {} : { oldest: target.message }),
  };
  const { thread } = target;
  const read = async (): Promise<readonly unknown[]> => {
    const answer =
      thread === undefined
        ? await client.conversations.history(range)
        : await client.conversations.replies({ ...range, ts: thread });
    return answer.messages ?? [];
  };
  const result = await attemptCall(read, signal);
  if (!result.ok) return result;
  for (const message of result.value) {
    const parsed = Found.safeParse(message);
    if (parsed.success && parsed.data.app_id === target.app && isSame(parsed.data, identity)) {
      return { ok: true, value: { ts: parsed.data.ts, mayStream: parsed.data.metadata === undefined } };
    }
  }
  return { ok: true, value: null };
}

/** By metadata, or by the id of its buttons while it streams: chat.startStream takes no metadata. */
function isSame(message: z.infer<typeof Found>, identity: MessageIdentity): boolean {
  const payload = message.metadata?.event_type === EVENT_TYPE ? message.metadata.event_payload : undefined;
  if (payload) return payload['turn'] === identity.turnId && payload['part'] === identity.part;
  return (message.blocks ?? []).some((block) => {
    const named = readBlockId(block.block_id ?? '');
    return named?.turnId === identity.turnId && named.index === identity.part;
  });
}
