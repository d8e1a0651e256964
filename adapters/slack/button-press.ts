import type { Inbox } from '../../src/ports/inbox.js';
import type { TurnView } from '../../src/ports/turn-store.js';
import { type AnswerDeps, type AnswerMessage, answerInTime, answerMessage } from './answer-in-time.js';
import { ACTION } from './part-blocks.js';
import type { People } from './people.js';
import { ButtonPress } from './slack-events.js';
import { authorKey, partId } from './slack-ids.js';

export interface ButtonPressDeps extends AnswerDeps {
  readonly inbox: Inbox;
  readonly people: People;
  readonly mayManage: (channel: string, user: string) => boolean;
}

/** Does what a pressed button says. Buttons of others, and forged ones, do nothing. */
export async function pressButton(
  body: unknown,
  ack: () => Promise<void>,
  respond: (message: AnswerMessage) => Promise<unknown>,
  deps: ButtonPressDeps,
): Promise<void> {
  const press = ButtonPress.safeParse(body);
  if (!press.success) return ack();
  // The acknowledgement of a button carries no message: what there is to say comes after it.
  const acknowledge = async (message?: AnswerMessage) => {
    await ack();
    if (message) deps.inBackground(tell(message, respond, deps));
  };
  await answerInTime(() => act(press.data, deps), acknowledge, respond, deps);
}

type Press = ReturnType<typeof ButtonPress.parse>;

async function act(press: Press, deps: ButtonPressDeps): Promise<AnswerMessage | null> {
  const [action] = press.actions;
  const { channel_id: channel, message_ts: ts } = press.container;
  const turn = await deps.inbox.turnOfPart('slack', partId(channel, ts));
  // The turn is the one this message belongs to, whatever the button claims.
  if (!action || !turn || turn.id !== Number(action.value)) return toAsker('This reply is no longer known.');
  const team = press.team?.id ?? press.enterprise?.id ?? '-';
  const user = press.user.id;
  switch (action.action_id) {
    case ACTION.up:
    case ACTION.down: {
      const author = await deps.people.author(team, user);
      await deps.inbox.vote(turn.id, author, action.action_id === ACTION.up ? 1 : -1);
      return null;
    }
    case ACTION.stop:
      if (!mayAct(turn, team, user, channel, deps)) return notYours();
      return (await deps.inbox.stop(turn.id)) ? null : toAsker('This reply has ended already.');
    case ACTION.regenerate:
      if (!mayAct(turn, team, user, channel, deps)) return notYours();
      return (await deps.inbox.regenerate(turn.id)) ? null : toAsker('This reply is still being written.');
    default:
      return null;
  }
}

function mayAct(turn: TurnView, team: string, user: string, channel: string, deps: ButtonPressDeps): boolean {
  return turn.authorKey === authorKey(team, user) || deps.mayManage(channel, user);
}

function notYours(): AnswerMessage {
  return toAsker('Only the person who asked, or an admin, can do that.');
}

function toAsker(text: string): AnswerMessage {
  return answerMessage({ text, audience: 'asker' });
}

async function tell(
  message: AnswerMessage,
  respond: (message: AnswerMessage) => Promise<unknown>,
  deps: ButtonPressDeps,
): Promise<void> {
  try {
    await respond({ ...message, replace_original: false });
  } catch (error) {
    deps.log.warn({ error }, 'an answer did not reach a person on Slack');
  }
}
