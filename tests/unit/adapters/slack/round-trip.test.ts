import { expect, onTestFinished, test } from 'vitest';
import { createSlackDelivery } from '../../../../adapters/slack/delivery/slack-delivery.js';
import { memoryEditBudget } from '../../../../src/exchange/memory-edit-slots.js';
import { systemClock } from '../../../../src/process/system-clock.js';
import { RecordedLog } from '../../../doubles/recorders/recorded-log.js';
import { connectSlack } from './slack-setup.js';

const signal = new AbortController().signal;

test('what the source hands in is what the delivery answers, and its buttons lead back to the turn', async () => {
  const { slack, inbox, stop } = await connectSlack('socket');
  onTestFinished(stop);
  const ada = slack.person('Ada');
  const general = slack.channel('general', [ada]);
  const question = slack.mention(ada, general, 'what is a monad?');
  await slack.delivered();
  const [message] = inbox.messages;
  if (!message) throw new Error('nothing was handed in');
  const target = JSON.parse(JSON.stringify(message.target)); // as the database keeps it
  const delivery = createSlackDelivery({
    botToken: slack.botToken,
    apiUrl: slack.apiUrl,
    log: new RecordedLog(),
    clock: systemClock,
    budget: memoryEditBudget(systemClock),
    stopTurn: (turnId) => inbox.stop(turnId),
  });

  const part = {
    turnId: 1,
    revision: 0,
    index: 0,
    text: 'A monoid',
    state: 'streaming',
    controls: 'stop',
  } as const;
  const posted = await delivery.post(target, part, signal);
  inbox.turns.set(posted.messageId, {
    id: 1,
    conversationId: 1,
    state: 'running',
    authorKey: message.author.key,
    outcome: null,
  });
  const reply = slack.botMessages(general)[0];
  if (!reply) throw new Error('nothing was posted');
  expect(reply.threadTs).toBe(question.ts);
  slack.pressButton(ada, reply, 'Stop');
  await slack.delivered();
  expect(inbox.stopped).toEqual([1]);

  await delivery.edit(target, posted, { ...part, state: 'final', controls: 'rate-and-regenerate' }, signal);
  slack.pressButton(ada, reply, '👍');
  slack.pressButton(ada, reply, '↻');
  await slack.delivered();
  expect(inbox.votes).toMatchObject([{ turnId: 1, vote: 1 }]);
  expect(inbox.regenerated).toEqual([1]);
  expect(inbox.messages).toHaveLength(1); // nothing that the bot itself did came back as a message
});
