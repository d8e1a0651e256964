import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AdapterBench, acceptedUntilNow, botSays, openAdapter } from '../adapter-fixture.js';

describe('messages on Discord', () => {
  let bench: AdapterBench;
  beforeEach(async () => {
    bench = await openAdapter();
  });
  afterEach(() => bench.close());

  test('a mention is handed in with identity, address, author and target', async () => {
    const { double, inbox } = bench;
    const asked = double.person.say(double.channel, 'what is a lighthouse?', { mention: true });
    await bench.until(() => inbox.messages.length === 1, 'the message');
    const app = double.world.bot.id;
    expect(inbox.messages[0]).toEqual({
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

  test('many channels spoken in at once are no leak to the runtime', async () => {
    const warnings: string[] = [];
    const note = ({ message }: Error) => warnings.push(message);
    process.on('warning', note);
    const { double, inbox } = bench;
    // Unknown channels: each is asked for.
    for (let i = 0; i < 30; i++) {
      const channel = { kind: 'text', name: `new-${i}`, guildId: double.guild.id } as const;
      double.person.say(double.world.addChannel(channel), 'hello', { mention: true });
    }
    await bench.until(() => inbox.messages.length === 30, 'the messages');
    process.off('warning', note);
    expect(warnings).toEqual([]);
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
    expect(await acceptedUntilNow(bench)).toEqual([]);
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
    expect(await acceptedUntilNow(bench)).toEqual([]);
  });

  test('a reply to the bot is answered, with what it replies to; a reply to someone else is not', async () => {
    const { double } = bench;
    const mine = botSays(bench, 'A tower with a light.');
    const theirs = double.person.say(double.channel, 'I knew that');
    double.person.say(double.channel, 'who keeps it?', { replyTo: mine, replyPings: false });
    double.addPerson('grace').say(double.channel, 'did you?', { replyTo: theirs });
    const accepted = await acceptedUntilNow(bench);
    expect(accepted.map(({ text, quoted }) => [text, quoted])).toEqual([
      [
        'who keeps it?',
        {
          author: 'Parley',
          text: 'A tower with a light.',
          authorKeys: [`discord/${double.world.bot.id}`],
          messageIds: [mine.id],
        },
      ],
    ]);
  });

  test('a reply to a message that Discord does not show is looked up among the parts', async () => {
    const { double, inbox } = bench;
    const mine = botSays(bench, 'gone from Discord');
    const { turns } = inbox;
    turns.set(mine.id, { id: 1, conversationId: 1, state: 'done', authorKey: 'discord/1', outcome: null });
    mine.deleted = true;
    double.person.say(double.channel, 'and then?', { replyTo: mine });
    expect((await acceptedUntilNow(bench)).map(({ text }) => text)).toEqual(['and then?']);
  });

  test('a bare mention in reply to a message asks about that message', async () => {
    const { double } = bench;
    const theirs = double.addPerson('grace', 'Grace').say(double.channel, 'The tide turns at nine.');
    double.person.say(double.channel, '', { mention: true, replyTo: theirs });
    const [accepted] = await acceptedUntilNow(bench);
    expect(accepted?.quoted).toEqual({
      author: 'Grace',
      text: 'The tide turns at nine.',
      authorKeys: [`discord/${theirs.authorId}`],
      messageIds: [theirs.id],
    });
    expect(accepted?.text).not.toBe('');
  });

  test('a direct message needs no mention, with or without a channel type', async () => {
    const { double } = bench;
    const direct = double.directChannel();
    double.person.say(direct, 'psst');
    double.person.say(direct, 'are you there?', { channelType: false });
    const accepted = await acceptedUntilNow(bench, direct);
    expect(accepted.map(({ text, address }) => [text, address.kind, address.workspace])).toEqual([
      ['psst', 'direct', '-'],
      ['are you there?', 'direct', '-'],
    ]);
  });

  test('in a thread the bot takes part in, no mention is needed', async () => {
    const { double, inbox } = bench;
    const thread = double.openThread();
    double.person.say(thread, 'before the bot takes part');
    await acceptedUntilNow(bench, thread);
    inbox.partIn.add(thread.id);
    double.person.say(thread, 'and now?');
    const accepted = await acceptedUntilNow(bench, thread);
    expect(accepted.map(({ text }) => text).filter((text) => text !== 'last')).toEqual(['and now?']);
    expect(accepted.at(-1)?.address).toMatchObject({ kind: 'thread', parent: double.channel.id });
  });

  test('a thread is not followed where a setting says so, nor when someone else is spoken to', async () => {
    const { double, inbox } = bench;
    const thread = double.openThread();
    inbox.partIn.add(thread.id);
    const grace = double.addPerson('grace');
    double.person.say(thread, `<@${grace.id}> what do you think?`);
    const said = grace.say(thread, `<@${double.person.id}> not sure`);
    double.person.say(thread, 'me neither', { replyTo: said });
    expect(await acceptedUntilNow(bench, thread)).toEqual([]);
    inbox.followThreads = false;
    double.person.say(thread, 'without a mention');
    expect((await acceptedUntilNow(bench, thread)).filter(({ text }) => text !== 'last')).toEqual([]);
  });

  test('a thread the gateway never told of is looked up', async () => {
    const { double, inbox } = bench;
    const thread = double.openThread(double.channel, 'old', false);
    double.person.say(thread, 'hello', { mention: true });
    await bench.until(() => inbox.messages.length === 1, 'the message');
    expect(inbox.messages[0]?.address).toMatchObject({ kind: 'thread', parent: double.channel.id });
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
    const [accepted] = await acceptedUntilNow(bench);
    expect(accepted?.text).toBe('ask @Grace or @keepers in #reading-room :wave: please');
  });

  test('files and stickers are named as not read', async () => {
    const { double } = bench;
    double.person.say(double.channel, 'look', {
      mention: true,
      attachments: [{ name: 'cat.png', type: 'image/png' }],
      stickers: ['wave'],
    });
    const [accepted] = await acceptedUntilNow(bench);
    expect(accepted?.text).toBe('look\n[Not read: file "cat.png", sticker "wave"]');
  });

  test('a forwarded message is quoted', async () => {
    const { double } = bench;
    const direct = double.directChannel();
    double.person.say(direct, '', { forwarded: 'The tide turns at nine.' });
    const [accepted] = await acceptedUntilNow(bench, direct);
    expect(accepted?.quoted?.text).toBe('The tide turns at nine.');
  });
});
