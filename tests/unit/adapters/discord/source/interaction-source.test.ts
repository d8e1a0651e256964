import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createDiscordDelivery } from '../../../../../adapters/discord/delivery/delivery.js';
import { ExpectedFailure } from '../../../../../src/domain/failure.js';
import { systemClock } from '../../../../../src/process/system-clock.js';
import { final } from '../delivery/delivery-fixture.js';
import { type InteractionBench, openInteractions } from './interaction-fixture.js';

const CALLBACK = 'POST /interactions/{interaction_id}/{interaction_token}/callback';

let bench: InteractionBench;
beforeEach(async () => {
  bench = await openInteractions();
});
afterEach(() => bench.close());

test('a command that is no longer there is said to be so', async () => {
  const used = bench.double.person.useCommand(bench.double.channel, 'summarize', {});
  expect(await bench.waitToBeTold(used)).toMatchObject({
    content: expect.stringContaining('`/help`'),
    ephemeral: true,
  });
});

describe('/ask', () => {
  test('is deferred, then recorded with a target that the delivery can answer', async () => {
    const { double, inbox, log } = bench;
    const used = double.person.useCommand(double.channel, 'ask', { question: 'why?', model: 'small' });
    await bench.until(() => inbox.commands.length === 1, 'the command');
    expect(used.acknowledged).toBe(5);
    const [invocation] = inbox.commands;
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
    expect(bench.said(used)).toEqual([{ content: '> why?\nBecause.', ephemeral: false }]);
  });

  test('is deferred before the inbox is asked', async () => {
    const { double, inbox } = bench;
    const order: string[] = [];
    inbox.commanding = async () => {
      order.push(used.acknowledged === 5 ? 'after' : 'before');
      return { type: 'notice', text: 'slow', audience: 'asker' };
    };
    const used = double.person.useCommand(double.channel, 'ask', { question: 'why?' });
    await bench.waitToBeTold(used);
    expect(order).toEqual(['after']);
  });

  test('a lost acknowledgement is given again', async () => {
    const { double, inbox } = bench;
    double.fail({ on: CALLBACK, action: { type: 'drop-socket', applied: true } });
    const used = double.person.useCommand(double.channel, 'ask', { question: 'why?' });
    await bench.until(() => inbox.commands.length === 1, 'the command');
    expect(inbox.commands[0]?.message.target).toMatchObject({
      type: 'interaction',
      credential: { token: used.token },
    });
  });

  test('40060: a second delivery of the same event is handed in at most once', async () => {
    const { double, inbox } = bench;
    double.person.useCommand(double.channel, 'ask', { question: 'why?' }, { deliveries: 2 });
    double.person.useCommand(double.channel, 'ask', { question: 'last' });
    await bench.until(() => inbox.commands.some(({ values }) => values['question'] === 'last'), 'the last');
    expect(inbox.commands).toHaveLength(2);
  });

  test('10062: too late to be acknowledged, it is answered as a message of the channel', async () => {
    const { double, inbox } = bench;
    double.fail({ on: CALLBACK, action: { type: 'error', status: 404, code: 10062 } });
    const used = double.person.useCommand(double.channel, 'ask', { question: 'why?' });
    await bench.until(() => inbox.commands.length === 1, 'the command');
    expect(inbox.commands[0]?.message.target).toMatchObject({
      type: 'message',
      channelId: double.channel.id,
    });
    used.acknowledged = 5; // the double's own three seconds are not what is tested
  });

  test('a refusal is for the person alone, and nothing of it stays in the channel', async () => {
    const { double, inbox } = bench;
    inbox.commanding = async () => ({
      type: 'turn',
      acceptance: { type: 'refused', reason: 'turn-limit', text: 'Please wait a moment.' },
    });
    const used = double.person.useCommand(double.channel, 'ask', { question: 'why?' });
    expect(await bench.waitToBeTold(used)).toEqual({ content: 'Please wait a moment.', ephemeral: true });
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
    await bench.until(() => inbox.commands.length === 4, 'all four');
    const places = inbox.commands
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
    await bench.until(() => bench.said(used).length === 2, 'both messages');
    expect(bench.said(used).every(({ ephemeral, content }) => ephemeral && content.length <= 2000)).toBe(
      true,
    );
    expect(
      bench
        .said(used)
        .map(({ content }) => content)
        .join('\n'),
    ).toBe(text);
  });

  test('tell everyone what concerns everyone', async () => {
    const { double, inbox } = bench;
    inbox.commanding = async () => ({ type: 'notice', text: 'Forgotten, @everyone.', audience: 'everyone' });
    const used = double.person.useCommand(double.channel, 'clear');
    expect(await bench.waitToBeTold(used)).toEqual({ content: 'Forgotten, @everyone.', ephemeral: false });
    expect(double.pings).toEqual([]);
  });

  test('leave nothing behind where a turn runs again', async () => {
    const { double } = bench;
    const used = double.person.useCommand(double.channel, 'retry');
    await double.waitForRequest('DELETE', /@original$/);
    expect(bench.said(used)).toEqual([]);
  });

  test('numbers, choices and yes-no come as they are', async () => {
    const { double, inbox } = bench;
    const values = { language: 'zh', temperature: 0.5, top_k: 40, follow_threads: false };
    double.person.useCommand(double.channel, 'settings', values, { mayManage: true });
    await bench.until(() => inbox.commands.length === 1, 'the command');
    expect(inbox.commands[0]).toMatchObject({ values, mayManage: true });
  });

  test('a database out of reach is said to the person, in their language', async () => {
    const { double, inbox } = bench;
    inbox.commanding = async () => {
      throw new ExpectedFailure('setup', 'no database');
    };
    const used = double.person.useCommand(double.channel, 'clear', {}, { locale: 'zh-CN' });
    const told = await bench.waitToBeTold(used);
    expect(told.ephemeral).toBe(true);
    expect(told.content).toContain('请过几分钟再试');
  });

  test('who may manage the channel is read from the permissions', async () => {
    const { double, inbox } = bench;
    double.person.useCommand(double.channel, 'clear');
    await bench.until(() => inbox.commands.length === 1, 'the command');
    double.person.useCommand(double.directChannel(), 'clear');
    await bench.until(() => inbox.commands.length === 2, 'the command');
    expect(inbox.commands.map(({ mayManage }) => mayManage)).toEqual([false, true]);
  });
});

describe('suggestions', () => {
  const Choices = z.object({ choices: z.array(z.object({ name: z.string(), value: z.string() })) });

  test('come while the person types', async () => {
    const { double } = bench;
    const typing = double.person.autocomplete(double.channel, 'ask', 'model', 's');
    await bench.acknowledged(typing);
    expect(Choices.parse(typing.data).choices.map(({ value }) => value)).toEqual(['small', 'medium']);
  });

  test('are given up in time: an empty list comes instead', async () => {
    const { double, inbox } = bench;
    inbox.suggesting = () => new Promise(() => {});
    const typing = double.person.autocomplete(double.channel, 'ask', 'model', 's');
    await bench.acknowledged(typing);
    expect(Choices.parse(typing.data).choices).toEqual([]);
  });
});

describe('"Ask about this message"', () => {
  test('opens a modal with the message, and asks the question about it', async () => {
    const { double, inbox } = bench;
    const grace = double.addPerson('grace', 'Grace');
    const message = grace.say(double.channel, 'The tide turns at nine.');
    const opened = double.person.useOnMessage(message, 'Ask about this message');
    await bench.acknowledged(opened);
    expect(opened.acknowledged).toBe(9);
    expect(JSON.stringify(opened.data)).toContain('The tide turns at nine.');
    const submitted = double.person.submitModal(opened, {
      question: 'When?',
      message: 'The tide turns at nine.',
    });
    await bench.until(() => inbox.messages.length === 1, 'the question');
    expect(submitted.acknowledged).toBe(5);
    expect(inbox.messages[0]).toMatchObject({
      key: `discord/${double.world.bot.id}/interaction/${submitted.id}`,
      text: 'When?',
      quoted: {
        author: 'Grace',
        text: 'The tide turns at nine.',
        authorKeys: [`discord/${grace.id}`],
        messageIds: [message.id],
      },
      target: { type: 'interaction', interactionId: submitted.id },
    });
  });

  test('needs no question', async () => {
    const { double, inbox } = bench;
    const message = double.person.say(double.channel, 'The tide turns at nine.');
    const opened = double.person.useOnMessage(message, 'Ask about this message', { locale: 'zh-CN' });
    await bench.acknowledged(opened);
    double.person.submitModal(opened, { question: ' ', message: 'x' }, { locale: 'zh-CN' });
    await bench.until(() => inbox.messages.length === 1, 'the question');
    expect(inbox.messages[0]?.text).toBe('你怎么看这条消息？');
  });

  test('works on a message with nothing but a file', async () => {
    const { double } = bench;
    const attachments = [{ name: 'cat.png', type: 'image/png' }];
    const message = double.person.say(double.channel, '', { attachments });
    const opened = double.person.useOnMessage(message, 'Ask about this message');
    await bench.acknowledged(opened);
    expect(JSON.stringify(opened.data)).toContain('cat.png');
  });
});
