import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ExpectedFailure } from '../../../src/domain/failure.js';
import type { IncomingMessage } from '../../../src/domain/turn.js';
import { renderMessage } from '../../doubles/discord/render.js';
import type { DoubleMessage } from '../../doubles/discord/world.js';
import { FakeClock } from '../../doubles/fake-clock.js';
import { type AdapterBench, openAdapter } from './adapter-fixture.js';

describe('messages on Discord', () => {
  let bench: AdapterBench;
  beforeEach(async () => {
    bench = await openAdapter();
  });
  afterEach(() => bench.close());

  /** What was accepted by the time a later mention was: messages of a channel are handled in order. */
  async function acceptedUntilNow(channel = bench.double.channel): Promise<IncomingMessage[]> {
    const { double, inbox } = bench;
    const last = double.person.say(channel, 'last', { mention: true });
    await bench.until(
      () => inbox.accepted.some(({ platformMessageId }) => platformMessageId === last.id),
      'the last',
    );
    return inbox.accepted.filter(({ platformMessageId }) => platformMessageId !== last.id);
  }

  function botSays(text: string, channel = bench.double.channel): DoubleMessage {
    const { world } = bench.double;
    return world.addMessage({ channelId: channel.id, authorId: world.bot.id, content: text });
  }

  test('a mention is handed in with identity, address, author and target', async () => {
    const { double, inbox } = bench;
    const asked = double.person.say(double.channel, 'what is a lighthouse?', { mention: true });
    await bench.until(() => inbox.accepted.length === 1, 'the message');
    const app = double.world.bot.id;
    expect(inbox.accepted[0]).toEqual({
      key: `discord/${app}/${double.channel.id}/${asked.id}`,
      platformMessageId: asked.id,
      address: {
        platform: 'discord',
        app,
        workspace: double.guild.id,
        channel: double.channel.id,
        kind: 'channel',
      },
      author: { key: `discord/${double.person.id}`, name: 'Ada', id: double.person.id },
      text: 'what is a lighthouse?',
      target: {
        platform: 'discord',
        type: 'message',
        channelId: double.channel.id,
        messageId: asked.id,
        askerId: double.person.id,
        language: 'en',
      },
    });
  });

  test('typing is shown as soon as a message is recorded', async () => {
    const { double } = bench;
    double.person.say(double.channel, 'hello', { mention: true });
    await double.waitForRequest('POST', /typing$/);
  });

  test('@everyone, @here, roles, other people and plain talk are not answered', async () => {
    const { double } = bench;
    const other = double.addPerson('grace');
    const role = { id: double.world.snowflake(), name: 'keepers' };
    double.guild.roles.push(role);
    for (const text of [
      '@everyone news',
      '@here news',
      `<@&${role.id}> news`,
      `<@${other.id}> hi`,
      'just talk',
    ]) {
      double.person.say(double.channel, text);
    }
    expect(await acceptedUntilNow()).toEqual([]);
  });

  test('other bots, webhooks and the bot itself are not answered', async () => {
    const { double } = bench;
    const bot = double.addPerson('otherbot');
    Object.assign(bot.user, { bot: true });
    bot.say(double.channel, 'beep', { mention: true });
    double.person.say(double.channel, 'from a webhook', {
      mention: true,
      webhookId: double.world.snowflake(),
    });
    double.gateway.dispatch('MESSAGE_CREATE', {
      id: double.world.snowflake(),
      type: 0,
      channel_id: double.channel.id,
      guild_id: double.guild.id,
      author: { id: double.world.bot.id, username: 'parley', discriminator: '0' },
      content: `<@${double.world.bot.id}> echo`,
      mentions: [],
      attachments: [],
      embeds: [],
    });
    expect(await acceptedUntilNow()).toEqual([]);
  });

  test('a reply to the bot is answered, with what it replies to; a reply to someone else is not', async () => {
    const { double } = bench;
    const mine = botSays('A tower with a light.');
    const theirs = double.person.say(double.channel, 'I knew that');
    double.person.say(double.channel, 'who keeps it?', { replyTo: mine, replyPings: false });
    double.addPerson('grace').say(double.channel, 'did you?', { replyTo: theirs });
    const accepted = await acceptedUntilNow();
    expect(accepted.map(({ text, quoted }) => [text, quoted])).toEqual([
      ['who keeps it?', { author: 'Parley', text: 'A tower with a light.' }],
    ]);
  });

  test('a reply to a message that Discord does not show is looked up among the parts', async () => {
    const { double, inbox } = bench;
    const mine = botSays('gone from Discord');
    const { turns } = inbox;
    turns.set(mine.id, { id: 1, conversationId: 1, state: 'done', authorKey: 'discord/1', outcome: null });
    mine.deleted = true;
    double.person.say(double.channel, 'and then?', { replyTo: mine });
    expect((await acceptedUntilNow()).map(({ text }) => text)).toEqual(['and then?']);
  });

  test('a bare mention in reply to a message asks about that message', async () => {
    const { double } = bench;
    const theirs = double.addPerson('grace', 'Grace').say(double.channel, 'The tide turns at nine.');
    double.person.say(double.channel, '', { mention: true, replyTo: theirs });
    const [accepted] = await acceptedUntilNow();
    expect(accepted?.quoted).toEqual({ author: 'Grace', text: 'The tide turns at nine.' });
    expect(accepted?.text).not.toBe('');
  });

  test('a direct message needs no mention, with or without a channel type', async () => {
    const { double } = bench;
    const direct = double.directChannel();
    double.person.say(direct, 'psst');
    double.person.say(direct, 'are you there?', { channelType: false });
    const accepted = await acceptedUntilNow(direct);
    expect(accepted.map(({ text, address }) => [text, address.kind, address.workspace])).toEqual([
      ['psst', 'direct', '-'],
      ['are you there?', 'direct', '-'],
    ]);
  });

  test('in a thread the bot takes part in, no mention is needed', async () => {
    const { double, inbox } = bench;
    const thread = double.openThread();
    double.person.say(thread, 'before the bot takes part');
    await acceptedUntilNow(thread);
    inbox.joined.add(thread.id);
    double.person.say(thread, 'and now?');
    const accepted = await acceptedUntilNow(thread);
    expect(accepted.map(({ text }) => text).filter((text) => text !== 'last')).toEqual(['and now?']);
    expect(accepted.at(-1)?.address).toMatchObject({ kind: 'thread', parent: double.channel.id });
  });

  test('a thread is not followed where a setting says so, nor when someone else is spoken to', async () => {
    const { double, inbox } = bench;
    const thread = double.openThread();
    inbox.joined.add(thread.id);
    const grace = double.addPerson('grace');
    double.person.say(thread, `<@${grace.id}> what do you think?`);
    const said = grace.say(thread, `<@${double.person.id}> not sure`);
    double.person.say(thread, 'me neither', { replyTo: said });
    expect(await acceptedUntilNow(thread)).toEqual([]);
    inbox.followThreads = false;
    double.person.say(thread, 'without a mention');
    expect((await acceptedUntilNow(thread)).filter(({ text }) => text !== 'last')).toEqual([]);
  });

  test('a thread the gateway never told of is looked up', async () => {
    const { double, inbox } = bench;
    const thread = double.openThread(double.channel, 'old', false);
    double.person.say(thread, 'hello', { mention: true });
    await bench.until(() => inbox.accepted.length === 1, 'the message');
    expect(inbox.accepted[0]?.address).toMatchObject({ kind: 'thread', parent: double.channel.id });
  });

  test("mentions become names, the bot's own goes away", async () => {
    const { double } = bench;
    const grace = double.addPerson('grace', 'Grace');
    const role = { id: double.world.snowflake(), name: 'keepers' };
    double.guild.roles.push(role);
    double.gateway.dispatch('GUILD_ROLE_CREATE', {
      guild_id: double.guild.id,
      role: { ...role, permissions: '0', position: 1, color: 0 },
    });
    const bot = double.world.bot.id;
    const text = `ask <@${grace.id}> or <@&${role.id}> in <#${double.channel.id}> <:wave:123456789012345678> <@!${bot}> please`;
    double.person.say(double.channel, text, { mention: true });
    const [accepted] = await acceptedUntilNow();
    expect(accepted?.text).toBe('ask @Grace or @keepers in #reading-room :wave: please');
  });

  test('files and stickers are named as not read', async () => {
    const { double } = bench;
    double.person.say(double.channel, 'look', {
      mention: true,
      attachments: [{ name: 'cat.png', type: 'image/png' }],
      stickers: ['wave'],
    });
    const [accepted] = await acceptedUntilNow();
    expect(accepted?.text).toBe('look\n[Not read: file "cat.png", sticker "wave"]');
  });

  test('a forwarded message is quoted', async () => {
    const { double } = bench;
    const direct = double.directChannel();
    double.person.say(direct, '', { forwarded: 'The tide turns at nine.' });
    const [accepted] = await acceptedUntilNow(direct);
    expect(accepted?.quoted?.text).toBe('The tide turns at nine.');
  });

  test('a message the gateway delivers twice is handed in once', async () => {
    const { double } = bench;
    double.person.say(double.channel, 'hello', { mention: true, deliveries: 2 });
    expect(await acceptedUntilNow()).toHaveLength(1);
  });

  test('messages of one channel are recorded in their order, however long one takes', async () => {
    const { double, inbox } = bench;
    const accept = inbox.accepting;
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    inbox.accepting = async (message) => {
      if (message.text === 'first') await held;
      return accept(message);
    };
    double.person.say(double.channel, 'first', { mention: true });
    double.person.say(double.channel, 'second', { mention: true });
    const direct = double.directChannel();
    double.person.say(direct, 'elsewhere');
    await bench.until(() => inbox.accepted.length === 1, 'the other channel');
    release();
    await bench.until(() => inbox.accepted.length === 3, 'all');
    expect(inbox.accepted.map(({ text }) => text)).toEqual(['elsewhere', 'first', 'second']);
  });

  test('a refusal is a short reply that pings nobody, told once', async () => {
    const { double, inbox } = bench;
    inbox.accepting = async ({ text }) =>
      text === 'told before'
        ? { type: 'refused', reason: 'too-long', text: 'Never said.', repeated: true }
        : { type: 'refused', reason: 'too-long', text: `Too long, @everyone: ${text}` };
    const asked = double.person.say(double.channel, 'x', { mention: true });
    double.person.say(double.channel, 'told before', { mention: true });
    double.person.say(double.channel, 'y', { mention: true });
    await double.waitForReply(({ content }) => content.endsWith('y'));
    expect(double.replies().map(({ content }) => content)).toEqual([
      'Too long, @everyone: x',
      'Too long, @everyone: y',
    ]);
    expect(double.replies()[0]?.referenceId).toBe(asked.id);
    expect(double.pings).toEqual([]);
  });

  test('a database out of reach is tried again, and nothing is lost', async () => {
    const { double, inbox } = bench;
    const accept = inbox.accepting;
    let tries = 0;
    inbox.accepting = async (message) => {
      tries++;
      if (tries < 3) throw new ExpectedFailure('setup', 'the database is out of reach', { retryable: true });
      return accept(message);
    };
    double.person.say(double.channel, 'hello', { mention: true });
    await bench.until(() => inbox.accepted.length === 1, 'the message');
    expect(double.replies()).toEqual([]);
  });

  test('a message a database never took is said in the channel, after a minute of trying', async () => {
    const clock = new FakeClock(Date.now());
    const patient = await openAdapter({ clock });
    let tries = 0;
    patient.inbox.accepting = async () => {
      tries++;
      throw new ExpectedFailure('setup', 'the database is out of reach', { retryable: true });
    };
    const { double } = patient;
    double.person.say(double.channel, 'hello', { mention: true });
    await patient.until(() => tries === 1, 'the first try');
    await clock.advance(50_000);
    expect(tries).toBeGreaterThan(5);
    expect(double.replies()).toEqual([]);
    await clock.advance(20_000);
    expect((await double.waitForReply()).content).toContain('Please try again');
    await patient.close();
  });

  test('a message that first comes after a long outage is not answered', async () => {
    const late = await openAdapter({ staleAfterMs: 60_000 });
    const { double, inbox } = late;
    const { world, channel } = double;
    const old = world.addMessage({
      channelId: channel.id,
      authorId: double.person.id,
      createdAt: Date.now() - 61_000,
      content: `<@${world.bot.id}> anyone?`,
    });
    double.gateway.dispatch('MESSAGE_CREATE', {
      ...renderMessage(world, old, true),
      guild_id: double.guild.id,
    });
    double.person.say(channel, 'now', { mention: true });
    await late.until(() => inbox.accepted.length > 0, 'the new message');
    expect(inbox.accepted.map(({ text }) => text)).toEqual(['now']);
    await late.close();
  });

  test('a bug behind the inbox is said in the channel, in the language of the message', async () => {
    const { double, inbox, log } = bench;
    inbox.accepting = async () => {
      throw new Error('bug');
    };
    double.person.say(double.channel, '灯塔是什么？', { mention: true });
    const reply = await double.waitForReply();
    expect(reply.content).toContain('暂时无法处理');
    expect(JSON.stringify(log.lines)).not.toContain('灯塔');
  });

  test('edits and deletions are handed on; previews of links are no edits', async () => {
    const { double, inbox } = bench;
    const asked = double.person.say(double.channel, 'what is a lighthouse?', { mention: true });
    const bot = double.world.bot.id;
    double.gateway.dispatch('MESSAGE_UPDATE', {
      id: asked.id,
      channel_id: double.channel.id,
      guild_id: double.guild.id,
      author: { id: double.person.id, username: 'ada', discriminator: '0' },
      content: 'not an edit',
      edited_timestamp: null,
    });
    double.person.editMessage(asked, `<@${bot}> what is a ferry?`);
    double.person.deleteMessage(asked);
    await bench.until(() => inbox.deletedIds.length === 1, 'the deletion');
    expect(inbox.editedTexts).toEqual([{ id: asked.id, text: 'what is a ferry?' }]);
    double.gateway.dispatch('MESSAGE_DELETE_BULK', { ids: ['1', '2'], channel_id: double.channel.id });
    await bench.until(() => inbox.deletedIds.length === 3, 'the deletions');
  });
});
