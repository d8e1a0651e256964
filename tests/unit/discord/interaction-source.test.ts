import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createDiscordDelivery } from '../../../adapters/discord/delivery.js';
import { ExpectedFailure } from '../../../src/domain/failure.js';
import { systemClock } from '../../../src/system-clock.js';
import type { Person } from '../../doubles/discord/person.js';
import type { DoubleInteraction, DoubleMessage } from '../../doubles/discord/world.js';
import { type AdapterBench, openAdapter } from './adapter-fixture.js';
import { final } from './delivery-fixture.js';

const CALLBACK = 'POST /interactions/{interaction_id}/{interaction_token}/callback';

let bench: AdapterBench;
beforeEach(async () => {
  bench = await openAdapter();
});
afterEach(async () => {
  const failed = bench.double.log.entries.filter(({ type }) => type === 'interaction-failed');
  await bench.close();
  expect(failed).toEqual([]);
});

function acknowledged(interaction: DoubleInteraction): Promise<unknown> {
  return bench.until(() => interaction.acknowledged !== null, 'the acknowledgement');
}

/** What was said about an interaction, to whom. */
function said(interaction: DoubleInteraction): { content: string; ephemeral: boolean }[] {
  return [...bench.double.world.messages.values()]
    .filter((message) => message.interactionId === interaction.id && !message.deleted && !message.loading)
    .map(({ content, ephemeral }) => ({ content, ephemeral }));
}

function waitToBeTold(interaction: DoubleInteraction): Promise<{ content: string; ephemeral: boolean }> {
  return bench.until(() => said(interaction).at(-1), 'something to be said');
}

describe('/ask', () => {
  test('is deferred, then recorded with a target that the delivery can answer', async () => {
    const { double, inbox, log } = bench;
    const used = double.person.useCommand(double.channel, 'ask', { question: 'why?', model: 'small' });
    await bench.until(() => inbox.invoked.length === 1, 'the command');
    expect(used.acknowledged).toBe(5);
    const [invocation] = inbox.invoked;
    expect(invocation).toMatchObject({
      name: 'ask',
      values: { question: 'why?', model: 'small' },
      address: { workspace: double.guild.id, channel: double.channel.id, kind: 'channel' },
      author: { key: `discord/${double.person.id}`, name: 'Ada' },
      message: { key: `discord/${double.world.bot.id}/interaction/${used.id}` },
    });
    if (!invocation) throw new Error('no invocation');
    const { apiUrl, token } = double;
    const delivery = createDiscordDelivery({ apiUrl, token, clock: systemClock, log });
    const signal = new AbortController().signal;
    await delivery.post(invocation.message.target, final({ text: 'Because.' }), signal);
    expect(said(used)).toEqual([{ content: 'Because.', ephemeral: false }]);
  });

  test('is deferred before the inbox is asked', async () => {
    const { double, inbox } = bench;
    const order: string[] = [];
    inbox.commanding = async () => {
      order.push(used.acknowledged === 5 ? 'after' : 'before');
      return { type: 'notice', text: 'slow', audience: 'asker' };
    };
    const used = double.person.useCommand(double.channel, 'ask', { question: 'why?' });
    await waitToBeTold(used);
    expect(order).toEqual(['after']);
  });

  test('a lost acknowledgement is given again', async () => {
    const { double, inbox } = bench;
    double.fail({ on: CALLBACK, action: { type: 'drop-socket', applied: true } });
    const used = double.person.useCommand(double.channel, 'ask', { question: 'why?' });
    await bench.until(() => inbox.invoked.length === 1, 'the command');
    expect(inbox.invoked[0]?.message.target).toMatchObject({ type: 'interaction', token: used.token });
  });

  test('40060: a second delivery of the same event is handed in at most once', async () => {
    const { double, inbox } = bench;
    double.person.useCommand(double.channel, 'ask', { question: 'why?' }, { deliveries: 2 });
    double.person.useCommand(double.channel, 'ask', { question: 'last' });
    await bench.until(() => inbox.invoked.some(({ values }) => values['question'] === 'last'), 'the last');
    expect(inbox.invoked).toHaveLength(2);
  });

  test('10062: too late to be acknowledged, it is answered as a message of the channel', async () => {
    const { double, inbox } = bench;
    double.fail({ on: CALLBACK, action: { type: 'error', status: 404, code: 10062 } });
    const used = double.person.useCommand(double.channel, 'ask', { question: 'why?' });
    await bench.until(() => inbox.invoked.length === 1, 'the command');
    expect(inbox.invoked[0]?.message.target).toMatchObject({ type: 'message', channelId: double.channel.id });
    used.acknowledged = 5; // the double's own three seconds are not what is tested
  });

  test('a refusal is for the person alone, and nothing of it stays in the channel', async () => {
    const { double, inbox } = bench;
    inbox.commanding = async () => ({
      type: 'turn',
      acceptance: { type: 'refused', reason: 'turn-limit', text: 'Please wait a moment.' },
    });
    const used = double.person.useCommand(double.channel, 'ask', { question: 'why?' });
    expect(await waitToBeTold(used)).toEqual({ content: 'Please wait a moment.', ephemeral: true });
    expect(double.replies().filter(({ ephemeral }) => !ephemeral)).toEqual([]);
  });

  test('in a thread, a direct message and as a user-installed app it knows where it is', async () => {
    const { double, inbox } = bench;
    const thread = double.openThread();
    const guild = double.world.addGuild('Elsewhere', false);
    const away = double.world.addChannel({ kind: 'text', guildId: guild.id });
    const group = double.world.addChannel({ kind: 'group', recipient: double.person.id });
    double.person.useCommand(thread, 'ask', { question: '1' });
    double.person.useCommand(double.directChannel(), 'ask', { question: '2' });
    double.person.useCommand(away, 'ask', { question: '3' }, { install: 'user' });
    double.person.useCommand(group, 'ask', { question: '4' }, { install: 'user' });
    await bench.until(() => inbox.invoked.length === 4, 'all four');
    const places = inbox.invoked
      .toSorted((a, b) => String(a.values['question']).localeCompare(String(b.values['question'])))
      .map(({ address, message }) => [
        address.kind,
        address.workspace,
        address.parent,
        message.target['mayPost'],
        message.target['followUps'],
      ]);
    expect(places).toEqual([
      ['thread', double.guild.id, double.channel.id, true, null],
      ['direct', '-', undefined, true, null],
      ['channel', guild.id, undefined, false, 5],
      ['channel', '-', undefined, false, 5],
    ]);
  });
});

describe('other commands', () => {
  test('answer the person alone, in as many messages as it takes', async () => {
    const { double, inbox } = bench;
    const text = Array.from({ length: 120 }, (_, i) => `line ${i} of a long help text`).join('\n');
    inbox.commanding = async () => ({ type: 'notice', text, audience: 'asker' });
    const used = double.person.useCommand(double.channel, 'settings');
    await bench.until(() => said(used).length === 2, 'both messages');
    expect(said(used).every(({ ephemeral, content }) => ephemeral && content.length <= 2000)).toBe(true);
    expect(
      said(used)
        .map(({ content }) => content)
        .join('\n'),
    ).toBe(text);
  });

  test('tell everyone what concerns everyone', async () => {
    const { double, inbox } = bench;
    inbox.commanding = async () => ({ type: 'notice', text: 'Forgotten, @everyone.', audience: 'everyone' });
    const used = double.person.useCommand(double.channel, 'clear');
    expect(await waitToBeTold(used)).toEqual({ content: 'Forgotten, @everyone.', ephemeral: false });
    expect(double.pings).toEqual([]);
  });

  test('leave nothing behind where a turn runs again', async () => {
    const { double } = bench;
    const used = double.person.useCommand(double.channel, 'retry');
    await double.waitForRequest('DELETE', /@original$/);
    expect(said(used)).toEqual([]);
  });

  test('numbers, choices and yes-no come as they are', async () => {
    const { double, inbox } = bench;
    const values = { language: 'zh', temperature: 0.5, top_k: 40, follow_threads: false };
    double.person.useCommand(double.channel, 'settings', values, { mayManage: true });
    await bench.until(() => inbox.invoked.length === 1, 'the command');
    expect(inbox.invoked[0]).toMatchObject({ values, mayManage: true });
  });

  test('a database out of reach is said to the person, in their language', async () => {
    const { double, inbox } = bench;
    inbox.commanding = async () => {
      throw new ExpectedFailure('setup', 'no database');
    };
    const used = double.person.useCommand(double.channel, 'clear', {}, { locale: 'zh-CN' });
    const told = await waitToBeTold(used);
    expect(told.ephemeral).toBe(true);
    expect(told.content).toContain('请过几分钟再试');
  });

  test('who may manage the channel is read from the permissions', async () => {
    const { double, inbox } = bench;
    double.person.useCommand(double.channel, 'clear');
    await bench.until(() => inbox.invoked.length === 1, 'the command');
    double.person.useCommand(double.directChannel(), 'clear');
    await bench.until(() => inbox.invoked.length === 2, 'the command');
    expect(inbox.invoked.map(({ mayManage }) => mayManage)).toEqual([false, true]);
  });
});

describe('suggestions', () => {
  const Choices = z.object({ choices: z.array(z.object({ name: z.string(), value: z.string() })) });

  test('come while the person types', async () => {
    const { double } = bench;
    const typing = double.person.autocomplete(double.channel, 'ask', 'model', 's');
    await acknowledged(typing);
    expect(Choices.parse(typing.data).choices.map(({ value }) => value)).toEqual(['small', 'medium']);
  });

  test('are given up in time: an empty list comes instead', async () => {
    const { double, inbox } = bench;
    inbox.suggesting = () => new Promise(() => {});
    const typing = double.person.autocomplete(double.channel, 'ask', 'model', 's');
    await acknowledged(typing);
    expect(Choices.parse(typing.data).choices).toEqual([]);
  });
});

describe('"Ask about this message"', () => {
  test('opens a modal with the message, and asks the question about it', async () => {
    const { double, inbox } = bench;
    const grace = double.addPerson('grace', 'Grace');
    const message = grace.say(double.channel, 'The tide turns at nine.');
    const opened = double.person.useOnMessage(message, 'Ask about this message');
    await acknowledged(opened);
    expect(opened.acknowledged).toBe(9);
    expect(JSON.stringify(opened.data)).toContain('The tide turns at nine.');
    const submitted = double.person.submitModal(opened, {
      question: 'When?',
      message: 'The tide turns at nine.',
    });
    await bench.until(() => inbox.accepted.length === 1, 'the question');
    expect(submitted.acknowledged).toBe(5);
    expect(inbox.accepted[0]).toMatchObject({
      key: `discord/${double.world.bot.id}/interaction/${submitted.id}`,
      text: 'When?',
      quoted: { author: 'Grace', text: 'The tide turns at nine.' },
      target: { type: 'interaction', interactionId: submitted.id },
    });
  });

  test('needs no question', async () => {
    const { double, inbox } = bench;
    const message = double.person.say(double.channel, 'The tide turns at nine.');
    const opened = double.person.useOnMessage(message, 'Ask about this message', { locale: 'zh-CN' });
    await acknowledged(opened);
    double.person.submitModal(opened, { question: ' ', message: 'x' }, { locale: 'zh-CN' });
    await bench.until(() => inbox.accepted.length === 1, 'the question');
    expect(inbox.accepted[0]?.text).toBe('你怎么看这条消息？');
  });

  test('works on a message with nothing but a file', async () => {
    const { double } = bench;
    const attachments = [{ name: 'cat.png', type: 'image/png' }];
    const message = double.person.say(double.channel, '', { attachments });
    const opened = double.person.useOnMessage(message, 'Ask about this message');
    await acknowledged(opened);
    expect(JSON.stringify(opened.data)).toContain('cat.png');
  });
});

describe('the buttons under a reply', () => {
  let reply: DoubleMessage;
  let other: Person;
  beforeEach(() => {
    const { double, inbox } = bench;
    other = double.addPerson('grace');
    const button = (custom_id: string) => ({ type: 2, style: 2, custom_id });
    reply = double.world.addMessage({
      channelId: double.channel.id,
      authorId: double.world.bot.id,
      content: 'A tower.',
      components: [
        { type: 1, components: ['stop', 'again', 'up', 'down'].map((name) => button(`parley:${name}:7`)) },
      ],
    });
    const authorKey = `discord/${double.person.id}`;
    inbox.turns.set(reply.id, { id: 7, conversationId: 1, state: 'running', authorKey, outcome: null });
  });

  test('stop: the asker may, someone who manages the channel may, others are told why not', async () => {
    const { double, inbox } = bench;
    double.person.pressButton(reply, 'stop');
    await bench.until(() => inbox.stopped.length === 1, 'the stop');
    other.pressButton(reply, 'stop', { mayManage: true });
    await bench.until(() => inbox.stopped.length === 2, 'the second stop');
    const refused = other.pressButton(reply, 'stop');
    expect(await waitToBeTold(refused)).toEqual({
      content: 'Only the person who asked can do that.',
      ephemeral: true,
    });
    expect(inbox.stopped).toEqual([7, 7]);
    expect(refused.acknowledged).toBe(6);
  });

  test('regenerate is the asker’s alone', async () => {
    const { double, inbox } = bench;
    const refused = other.pressButton(reply, 'again', { mayManage: true });
    await waitToBeTold(refused);
    double.person.pressButton(reply, 'again');
    await bench.until(() => inbox.regenerated.length === 1, 'the regeneration');
  });

  test('thumbs are anyone’s, and thanked for', async () => {
    const { inbox } = bench;
    const pressed = other.pressButton(reply, 'down');
    expect((await waitToBeTold(pressed)).ephemeral).toBe(true);
    other.pressButton(reply, 'up');
    await bench.until(() => inbox.votes.length === 2, 'the votes');
    expect(inbox.votes).toEqual([
      { turnId: 7, author: `discord/${other.id}`, vote: -1 },
      { turnId: 7, author: `discord/${other.id}`, vote: 1 },
    ]);
  });

  test('a reply that ended, or is not known, is said so', async () => {
    const { double, inbox } = bench;
    inbox.running = false;
    expect((await waitToBeTold(double.person.pressButton(reply, 'stop'))).content).toBe(
      'That reply has ended already.',
    );
    inbox.turns.clear();
    expect((await waitToBeTold(double.person.pressButton(reply, 'again'))).content).toBe(
      'I no longer know that reply.',
    );
  });

  test('an id that was made up does nothing, but is acknowledged', async () => {
    const { double, inbox } = bench;
    for (const id of ['parley:stop:8', 'parley:stop:-1', 'parley:stop:7; drop', 'stop', 'parley:rm:7']) {
      await acknowledged(double.person.pressCustomId(reply, id));
    }
    double.person.pressButton(reply, 'up');
    await bench.until(() => inbox.votes.length === 1, 'the vote');
    expect([inbox.stopped, inbox.regenerated]).toEqual([[], []]);
  });
});
