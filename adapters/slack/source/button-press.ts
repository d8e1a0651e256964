import type { Address } from '../../../src/domain/address.js';
import type { Language } from '../../../src/domain/settings.js';
import type { PlatformLookup } from '../../../src/ports/turns/platform-lookup.js';
import type { TurnActions } from '../../../src/ports/turns/turn-actions.js';
import type { TurnView } from '../../../src/ports/turns/turn-lookup.js';
import { addressOf, partId } from '../client/slack-ids.js';
import { noticeLanguage } from '../delivery/notice.js';
import { ACTION } from '../delivery/part-blocks.js';
import { sentencesIn } from '../delivery/sentences.js';
import type { SlackAccess } from '../workspaces/slack-access.js';
import { type AnswerDeps, type AnswerMessage, answerInTime, answerMessage } from './answer-in-time.js';
import { ButtonPress } from './slack-events.js';
import { originOfPress } from './slack-origin.js';

export interface ButtonPressDeps extends AnswerDeps {
  readonly lookup: PlatformLookup;
  readonly actions: TurnActions;
  readonly access: Pick<SlackAccess, 'workspaceOf'>;
  readonly mayManage: (channel: string, user: string) => boolean;
  readonly signal: AbortSignal;
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
  let language: Language = 'en';
  const work = async () => {
    const turn = await turnOf(press.data, deps);
    language = await languageFor(press.data, turn, deps);
    return act(press.data, turn, language, deps);
  };
  await answerInTime(work, acknowledge, respond, () => sentencesIn(language).failed, deps);
}

type Press = ReturnType<typeof ButtonPress.parse>;

/** The turn is the one this message belongs to, whatever the button claims. */
async function turnOf({ container, actions }: Press, deps: ButtonPressDeps): Promise<TurnView | null> {
  const messageId = partId(container.channel_id, container.message_ts);
  const claimed = Number(actions[0]?.value);
  return deps.actions.turnOfControl({ platform: 'slack', messageId, claimed }, deps.signal);
}

/** A press has no words of its own: those of the reply tell the language where no setting does. */
async function languageFor(press: Press, turn: TurnView | null, deps: ButtonPressDeps): Promise<Language> {
  const outcome = turn?.outcome;
  const said = outcome?.state === 'done' ? outcome.reply : outcome?.state === 'failed' ? outcome.notice : '';
  return noticeLanguage(deps.lookup, placeOf(press), said);
}

function placeOf(press: Press): Address {
  const { channel_id: channel, thread_ts: thread } = press.container;
  return addressOf({ ...originOfPress(press), channel, thread });
}

async function act(
  press: Press,
  turn: TurnView | null,
  language: Language,
  deps: ButtonPressDeps,
): Promise<AnswerMessage | null> {
  const [action] = press.actions;
  const say = sentencesIn(language);
  if (!action || !turn) return toAsker(say.notMine);
  const { user, container } = press;
  const origin = originOfPress(press);
  const author = await deps.access.workspaceOf(origin).people.author(origin.team, user.id);
  const mayManage = deps.mayManage(container.channel_id, user.id);
  const mayAct = deps.actions.mayActOn(turn, { address: placeOf(press), author, mayManage });
  switch (action.action_id) {
    case ACTION.up:
    case ACTION.down:
      await deps.actions.vote(turn.id, author, action.action_id === ACTION.up ? 1 : -1);
      return null;
    case ACTION.stop:
      if (!mayAct) return toAsker(say.notYours);
      return (await deps.actions.stop(turn.id)) ? null : toAsker(say.ended);
    case ACTION.regenerate: {
      if (!mayAct) return toAsker(say.notYours);
      const again = await deps.actions.regenerate(turn.id, language);
      return again.type === 'accepted' ? null : toAsker(again.text);
    }
    default:
      return null;
  }
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
