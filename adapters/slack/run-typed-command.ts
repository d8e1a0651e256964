import type { CommandDefinition } from '../../src/domain/commands.js';
import type { CommandReply, Inbox } from '../../src/ports/inbox.js';
import { type AnswerDeps, type AnswerMessage, answerInTime, answerMessage } from './answer-in-time.js';
import { parseCommand } from './command-text.js';
import type { People } from './people.js';
import { TypedCommand } from './slack-events.js';
import { addressOf, commandKey, isDirect, type SlackTarget } from './slack-ids.js';

export interface TypedCommandDeps extends AnswerDeps {
  readonly inbox: Inbox;
  readonly commands: readonly CommandDefinition[];
  readonly people: People;
  readonly mayManage: (channel: string, user: string) => boolean;
}

/** Runs what a person typed after `/parley`, and answers them alone unless the channel should see it. */
export async function runTypedCommand(
  body: unknown,
  ack: (message?: AnswerMessage) => Promise<void>,
  respond: (message: AnswerMessage) => Promise<unknown>,
  deps: TypedCommandDeps,
): Promise<void> {
  const typed = TypedCommand.safeParse(body);
  if (!typed.success) return ack();
  await answerInTime(() => run(typed.data, deps), ack, respond, deps);
}

async function run(typed: TypedCommandBody, deps: TypedCommandDeps): Promise<AnswerMessage | null> {
  const { channel_id: channel, user_id: user } = typed;
  const team = typed.team_id ?? typed.enterprise_id ?? '-';
  const place = { app: typed.api_app_id, team, channel };
  const text = await deps.people.readable(typed.text, '');
  const command = parseCommand(text, deps.commands);
  if (command.type === 'problem') return answerMessage({ text: command.text, audience: 'asker' });
  const target: SlackTarget = {
    platform: 'slack',
    ...place,
    user,
    ...(typed.response_url === undefined ? {} : { responseUrl: typed.response_url }),
  };
  const reply = await deps.inbox.command({
    name: command.name,
    values: command.values,
    address: addressOf(place),
    author: await deps.people.author(team, user),
    mayManage: deps.mayManage(channel, user),
    message: { key: commandKey(place, typed.trigger_id), target },
  });
  return answerOf(reply, isDirect(channel));
}

type TypedCommandBody = ReturnType<typeof TypedCommand.parse>;

function answerOf(reply: CommandReply, direct: boolean): AnswerMessage | null {
  if (reply.type === 'notice') return answerMessage(reply);
  const { acceptance } = reply;
  if (acceptance.type === 'refused') return answerMessage({ text: acceptance.text, audience: 'asker' });
  // Without a text, Slack shows the channel what was typed: the reply below it needs its question.
  return direct ? null : { response_type: 'in_channel' };
}
