import type { CommandDefinition } from '../../../src/domain/commands.js';
import { languageOf } from '../../../src/domain/text/language.js';
import { MINUTE_MS } from '../../../src/domain/time/duration.js';
import type { CommandReply, Inbox } from '../../../src/ports/turns/inbox.js';
import type { PlatformLookup } from '../../../src/ports/turns/platform-lookup.js';
import { addressOf, commandKey, isDirect, type SlackTarget } from '../client/slack-ids.js';
import { noticeLanguage } from '../delivery/notice.js';
import { sentencesIn } from '../delivery/sentences.js';
import type { SlackAccess } from '../workspaces/slack-access.js';
import { type AnswerDeps, type AnswerMessage, answerInTime, answerMessage } from './answer-in-time.js';
import { explainProblem, parseCommand } from './command-text.js';
import { TypedCommand } from './slack-events.js';
import { originOfCommand } from './slack-origin.js';

export interface TypedCommandDeps extends AnswerDeps {
  readonly inbox: Pick<Inbox, 'command'>;
  readonly lookup: Pick<PlatformLookup, 'settings'>;
  readonly commands: readonly CommandDefinition[];
  readonly access: Pick<SlackAccess, 'workspaceOf'>;
  readonly mayManage: (channel: string, user: string) => boolean;
}

/** Slack takes answers there for 30 minutes. */
const RESPONSE_URL_LIFE_MS = 30 * MINUTE_MS;

/** Runs what a person typed after `/parley`, and answers them alone unless the channel should see it. */
export async function runTypedCommand(
  body: unknown,
  ack: (message?: AnswerMessage) => Promise<void>,
  respond: (message: AnswerMessage) => Promise<unknown>,
  deps: TypedCommandDeps,
): Promise<void> {
  const typed = TypedCommand.safeParse(body);
  if (!typed.success) return ack();
  const sorry = () => sentencesIn(languageOf(typed.data.text) ?? 'en').failed;
  await answerInTime(() => run(typed.data, deps), ack, respond, sorry, deps);
}

async function run(typed: TypedCommandBody, deps: TypedCommandDeps): Promise<AnswerMessage | null> {
  const { channel_id: channel, user_id: user } = typed;
  const origin = originOfCommand(typed);
  const { people } = deps.access.workspaceOf(origin);
  const place = { ...origin, channel };
  const text = await people.readable(typed.text, '');
  const command = parseCommand(text, deps.commands);
  const language = await noticeLanguage(deps.lookup, addressOf(place), text);
  if (command.type === 'problem')
    return answerMessage({ text: explainProblem(command, sentencesIn(language)), audience: 'asker' });
  const target: SlackTarget = {
    platform: 'slack',
    ...place,
    user,
    language,
    ...(typed.response_url === undefined
      ? {}
      : {
          credential: { responseUrl: typed.response_url, expiresAt: deps.clock.now() + RESPONSE_URL_LIFE_MS },
        }),
  };
  const reply = await deps.inbox.command({
    name: command.name,
    values: command.values,
    address: addressOf(place),
    author: await people.author(origin.team, user),
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
