import {
  type Change,
  type Channel,
  type Json,
  type Message,
  messageJson,
  type Person,
  type Workspace,
} from './workspace.js';

/** What Slack still sends in every payload, and nobody should look at. */
const LEGACY_TOKEN = 'legacy-verification-token';

/** The button that a person pressed, as the wire names it. */
export interface SentAction {
  readonly actionId: string;
  readonly value: string;
  readonly blockId?: string;
}

/** An event in its callback, as the Events API sends it. */
export function eventPayload(workspace: Workspace, event: Json): Json {
  const authorization = {
    enterprise_id: workspace.enterprise,
    team_id: workspace.teamId,
    user_id: workspace.bot.id,
    is_bot: true,
    is_enterprise_install: workspace.orgInstalled,
  };
  return {
    token: LEGACY_TOKEN,
    team_id: workspace.teamId,
    api_app_id: workspace.appId,
    event,
    type: 'event_callback',
    event_id: workspace.id('Ev'),
    event_time: Math.floor(workspace.now() / 1000),
    authorizations: [authorization],
    is_ext_shared_channel: false,
  };
}

/** Where an event happened. */
export function place(channel: Channel): Json {
  return { channel: channel.id, channel_type: channel.kind };
}

/** The event of type `message` that tells of a change in a channel. */
export function changeEvent(workspace: Workspace, change: Change): Json {
  const { message } = change;
  const channel = workspace.channels.get(message.channel);
  if (!channel) throw new Error(`no channel ${message.channel}`);
  const json = messageJson(message, workspace.teamId, true);
  const at = { ...place(channel), event_ts: message.ts };
  if (change.type === 'posted') return { ...json, ...at };
  const hidden = { ...at, type: 'message', hidden: true, ts: `${message.ts}9` };
  return change.type === 'changed'
    ? { ...hidden, subtype: 'message_changed', message: json, previous_message: change.previous }
    : { ...hidden, subtype: 'message_deleted', deleted_ts: message.ts, previous_message: json };
}

export function slashCommandPayload(
  workspace: Workspace,
  person: Person,
  channel: Channel,
  text: string,
  responseUrl: string,
): Json {
  return {
    token: LEGACY_TOKEN,
    team_id: workspace.teamId,
    team_domain: 'parley',
    channel_id: channel.id,
    channel_name: channel.kind === 'im' ? 'directmessage' : channel.name,
    user_id: person.id,
    user_name: person.name.toLowerCase(),
    command: '/parley',
    text,
    api_app_id: workspace.appId,
    ...(workspace.enterprise === null ? {} : { enterprise_id: workspace.enterprise }),
    is_enterprise_install: String(workspace.orgInstalled),
    response_url: responseUrl,
    trigger_id: workspace.id('trigger.'),
  };
}

export function buttonPayload(
  workspace: Workspace,
  person: Person,
  message: Message,
  action: SentAction,
  responseUrl: string,
): Json {
  const thread = message.threadTs ? { thread_ts: message.threadTs } : {};
  return {
    type: 'block_actions',
    user: { id: person.id, username: person.name.toLowerCase(), team_id: workspace.teamId },
    api_app_id: workspace.appId,
    token: LEGACY_TOKEN,
    container: {
      type: 'message',
      message_ts: message.ts,
      channel_id: message.channel,
      is_ephemeral: false,
      ...thread,
    },
    trigger_id: workspace.id('trigger.'),
    team: { id: workspace.teamId, domain: 'parley' },
    enterprise: workspace.enterprise === null ? null : { id: workspace.enterprise },
    is_enterprise_install: workspace.orgInstalled,
    channel: { id: message.channel, name: workspace.channels.get(message.channel)?.name ?? '' },
    message: messageJson(message, workspace.teamId, false),
    response_url: responseUrl,
    actions: [
      {
        type: 'button',
        action_id: action.actionId,
        block_id: action.blockId ?? 'block',
        value: action.value,
        action_ts: String(workspace.now() / 1000),
      },
    ],
  };
}
