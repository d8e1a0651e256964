import type { Inbox } from '../../../src/ports/turns/inbox.js';
import type { PlatformLookup } from '../../../src/ports/turns/platform-lookup.js';
import type { TurnActions } from '../../../src/ports/turns/turn-actions.js';
import { addressOf, messageKey, partId, type SlackTarget } from '../client/slack-ids.js';
import type { SlackAccess } from '../workspaces/slack-access.js';
import { SessionStopped } from './slack-events.js';
import { readOrigin } from './slack-origin.js';

export interface StopSessionDeps {
  readonly inbox: Pick<Inbox, 'command'>;
  readonly lookup: Pick<PlatformLookup, 'turnOfPart'>;
  readonly actions: Pick<TurnActions, 'stop'>;
  readonly access: Pick<SlackAccess, 'workspaceOf'>;
  readonly mayManage: (channel: string, user: string) => boolean;
}

/** Somebody pressed Slack's own Stop: the replies it names end, or, where it names none of ours, what runs there. */
export async function stopSession(body: unknown, event: unknown, deps: StopSessionDeps): Promise<void> {
  const origin = readOrigin(body);
  const parsed = SessionStopped.safeParse(event);
  if (!origin || !parsed.success) return;
  const { inbox, lookup, actions, access, mayManage } = deps;
  const { channel, thread_ts: thread, user, streaming_message_ts: streaming } = parsed.data;
  const turns = await Promise.all(streaming.map((ts) => lookup.turnOfPart('slack', partId(channel, ts))));
  const known = turns.filter((turn) => turn !== null);
  // Slack has ended these streams already, whoever pressed.
  for (const turn of known) await actions.stop(turn.id);
  if (known.length > 0) return;
  const place = { ...origin, channel, thread };
  await inbox.command({
    name: 'stop',
    values: {},
    address: addressOf(place),
    author: await access.workspaceOf(origin).people.author(origin.team, user),
    mayManage: mayManage(channel, user),
    message: {
      key: messageKey(place, `stop-${thread}`),
      target: {
        platform: 'slack',
        ...origin,
        channel,
        user,
        thread,
        language: 'en',
      } satisfies SlackTarget,
    },
  });
}
