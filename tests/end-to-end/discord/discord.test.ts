import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { awaitCondition } from '../../doubles/await-condition.js';
import { DiscordDouble } from '../../doubles/discord/discord-double.js';
import type { DoubleChannel } from '../../doubles/discord/world.js';
import { type ModelServer, startModelServer } from '../../doubles/model-server/model-server.js';
import { rememberingScript } from '../../doubles/model-server/remembering-script.js';
import { answer } from '../../doubles/model-server/reply.js';
import { startUnderTest, type UnderTest } from '../parley-under-test.js';

const WORDS = Array.from({ length: 60 }, (_, i) => `word${i}`).join(' ');

describe('Discord, with a hosted model', () => {
  let discord: DiscordDouble;
  let server: ModelServer;
  let under: UnderTest;
  beforeAll(async () => {
    discord = await new DiscordDouble().start();
    server = await startModelServer({ script: rememberingScript });
    under = await startUnderTest({ discord, modelServer: server });
    await discord.waitForBot();
  });
  beforeEach(() => server.setScript(rememberingScript));
  afterAll(async () => {
    await under.stop();
    await server.close();
    await discord.stop();
  });

  /** A channel nobody has talked in. */
  const freshChannel = (name: string) =>
    discord.world.addChannel({ kind: 'text', name, guildId: discord.guild.id });
  const replyTo = (text: string | RegExp, channel = discord.channel) =>
    discord.waitForReply(
      ({ content, loading }) =>
        !loading && (typeof text === 'string' ? content === text : text.test(content)),
      channel,
    );

  /** What a command without options is answered with. */
  const commandAnswer = async (channel: DoubleChannel, name: string) => {
    const use = discord.person.useCommand(channel, name);
    const shown = () => discord.world.messages.get(use.originalId ?? '');
    await awaitCondition(() => use.originalId !== null && shown()?.loading !== true);
    return shown()?.content;
  };

  test('a name told in one turn comes back in a later one, across a restart', async () => {
    const channel = freshChannel('memory');
    discord.person.say(channel, 'my name is Ottilie', { mention: true });
    await replyTo(/my name is Ottilie/, channel);
    await under.restart();
    await discord.waitForBot(2);
    discord.person.say(channel, 'what is my name?', { mention: true });
    await replyTo('Your name is Ottilie.', channel);
  });

  test('two people in one channel are told apart in the prompt', async () => {
    const channel = freshChannel('two-people');
    const bo = discord.addPerson('bo', 'Bo');
    discord.person.say(channel, 'good morning', { mention: true });
    await replyTo(/Ada: good morning/, channel);
    bo.say(channel, 'good evening', { mention: true });
    await replyTo(/Bo: good evening/, channel);
  });

  test('a message dispatched twice is answered once', async () => {
    const channel = freshChannel('twice');
    discord.person.say(channel, 'only once', { mention: true, deliveries: 2 });
    await replyTo(/only once/, channel);
    discord.person.say(channel, 'and then this', { mention: true });
    await replyTo(/and then this/, channel);
    expect(discord.replies(channel)).toHaveLength(2);
  });

  test('questions in one channel are answered in order, one at a time', async () => {
    const channel = freshChannel('order');
    for (let i = 0; i < 5; i++) discord.person.say(channel, `question ${i}!`, { mention: true });
    await replyTo(/question 4!/, channel);
    const texts = discord.replies(channel).map(({ content }) => content);
    expect(texts.map((text) => /question (\d)!/.exec(text)?.[1])).toEqual(['0', '1', '2', '3', '4']);
  });

  test('an /ask that was cleared while it waited does not go on thinking', async () => {
    const channel = freshChannel('cleared');
    server.setScript(() => answer(WORDS, { paceMs: 100 }));
    discord.person.say(channel, 'slow, please', { mention: true });
    await replyTo(/word1/, channel);
    discord.person.useCommand(channel, 'ask', { question: 'and me?' });
    await discord.waitForReply(({ loading }) => loading === true, channel);
    await discord.waitForReply(({ content }) => content.includes('One question is ahead'), channel);
    discord.person.useCommand(channel, 'clear', {}, { mayManage: true });
    const ended = await replyTo('This question was cleared before it was answered.', channel);
    expect(ended.components).toEqual([]);
  });

  test('who waits behind a long answer is told so, where the reply will stand', async () => {
    const channel = freshChannel('waiting');
    server.setScript(({ messages }) =>
      messages.at(-1)?.content.includes('slow') ? answer(WORDS, { paceMs: 100 }) : 'Your turn now.',
    );
    discord.person.say(channel, 'slow, please', { mention: true });
    discord.person.say(channel, 'and me?', { mention: true });
    const waiting = await replyTo(/One question is ahead of yours/, channel);
    const answered = await discord.waitForReply(({ content }) => content === 'Your turn now.', channel);
    expect(answered.id).toBe(waiting.id);
    expect(discord.replies(channel)).toHaveLength(2);
  });

  test('/ask is deferred at once and answered in its own message', async () => {
    const channel = freshChannel('ask');
    const asked = discord.person.useCommand(channel, 'ask', { question: 'is it deferred?' });
    const reply = await replyTo(/^> is it deferred\?\n.*is it deferred\?/s, channel);
    expect(asked.acknowledged).not.toBeNull();
    expect(reply.interactionId).toBe(asked.id);
    expect(discord.log.entries.filter(({ type }) => type === 'interaction-failed')).toEqual([]);
  });

  test('Stop ends a reply that streams, and keeps what was said', async () => {
    const channel = freshChannel('stop');
    server.setScript(() => answer(WORDS, { paceMs: 50 }));
    discord.person.say(channel, 'talk to me', { mention: true });
    const streaming = await replyTo(/^word0/, channel);
    discord.person.pressButton(streaming, 'stop');
    const request = server.requests.at(-1);
    expect(await request?.closed).toBe(false);
    const stopped = await discord.waitForReply(
      ({ content, components }) =>
        content.startsWith('word0') && !JSON.stringify(components).includes('"stop'),
      channel,
    );
    expect(stopped.id).toBe(streaming.id);
    expect(stopped.content.endsWith('word59')).toBe(false);
  });

  test('Regenerate answers again in the same message', async () => {
    const channel = freshChannel('again');
    server.setScript(() => 'First answer.');
    discord.person.say(channel, 'say something', { mention: true });
    const first = await replyTo('First answer.', channel);
    await discord.waitForReply(
      ({ components }) => JSON.stringify(components).includes('Regenerate'),
      channel,
    );
    server.setScript(() => 'Second answer.');
    discord.person.pressButton(first, 'Regenerate');
    const second = await replyTo('Second answer.', channel);
    expect(second.id).toBe(first.id);
    expect(discord.replies(channel)).toHaveLength(1);
  });

  test('a long reply becomes several messages, none over the limit and none edited after the next exists', async () => {
    const channel = freshChannel('long');
    const long = Array.from({ length: 900 }, (_, i) => `item${i}`).join(' ');
    server.setScript(() => long);
    discord.person.say(channel, 'at length, please', { mention: true });
    await replyTo(/item899$/, channel);
    const parts = discord.replies(channel);
    expect(parts.length).toBeGreaterThan(3);
    expect(
      parts
        .map(({ content }) => content)
        .join(' ')
        .split(/\s+/),
    ).toEqual(long.split(' '));
    expect(Math.max(...parts.map(({ content }) => content.length))).toBeLessThanOrEqual(2000);
  });

  test('a post that was applied and answered with 502 is one message', async () => {
    const channel = freshChannel('lost-answer');
    discord.fail({
      on: 'POST /channels/{channel_id}/messages',
      action: { type: 'status', status: 502, applied: true },
    });
    discord.person.say(channel, 'do not repeat yourself', { mention: true });
    await replyTo(/do not repeat yourself/, channel);
    expect(discord.replies(channel)).toHaveLength(1);
  });

  test('a reply broken off by a restart goes on in the same message', async () => {
    const channel = freshChannel('broken-off');
    server.setScript(() => answer(WORDS, { paceMs: 100 }));
    discord.person.say(channel, 'slowly', { mention: true });
    const begun = await replyTo(/^word0/, channel);
    server.setScript(() => 'Quick answer.');
    await under.restart();
    const ended = await replyTo('Quick answer.', channel);
    expect(ended.id).toBe(begun.id);
    expect(discord.replies(channel)).toHaveLength(1);
  });

  test('nothing a model says pings anyone', async () => {
    const channel = freshChannel('pings');
    server.setScript(() => `@everyone @here <@${discord.person.id}> done`);
    discord.person.say(channel, 'ping them all', { mention: true });
    await replyTo(/done$/, channel);
    expect(discord.pings).toEqual([]);
  });

  test('clear forgets the conversation; forget-me erases what a person said', async () => {
    const channel = freshChannel('forget');
    discord.person.say(channel, 'my name is Ottilie', { mention: true });
    await replyTo(/my name is Ottilie/, channel);
    discord.person.useCommand(channel, 'clear', {}, { mayManage: true });
    await discord.waitForReply(({ content }) => content.includes('Forgotten'), channel);
    discord.person.say(channel, 'what is my name?', { mention: true });
    await replyTo('You have not told me your name.', channel);
  });

  test('forget-me erases what others quoted of a person, by reply and by "Ask about this message"', async () => {
    const channel = freshChannel('quoted');
    const bo = discord.addPerson('quoting-bo', 'Bo');
    const asked = () => JSON.stringify(server.requests.at(-1)?.body?.messages);
    server.setScript(({ messages }) => `Answer ${messages.length}.`);
    const cleo = discord.addPerson('quoted-cleo', 'Cleo');
    const words = cleo.say(channel, 'the harbour code is 4711');
    bo.say(channel, 'what does this mean?', { mention: true, replyTo: words });
    await replyTo('Answer 2.', channel);
    const opened = bo.useOnMessage(words, 'Ask about this message');
    await discord.log.waitFor(() => opened.data, 'the modal');
    bo.submitModal(opened, { question: 'and this?', message: 'the harbour code is 4711' });
    await replyTo(/\nAnswer 4\.$/, channel);
    expect(asked().match(/4711/g)).toHaveLength(2);
    cleo.useCommand(channel, 'forget-me');
    await replyTo('I hold no messages of yours.', channel);
    bo.say(channel, 'and now?', { mention: true });
    await replyTo('Answer 6.', channel);
    expect(asked()).toContain('what does this mean?');
    expect(asked()).not.toContain('4711');
  });

  test('a setting changes what the next turn asks of the model', async () => {
    const channel = freshChannel('settings');
    discord.person.useCommand(
      channel,
      'settings',
      { temperature: 0.25, persona: 'medical' },
      { mayManage: true },
    );
    await discord.waitForReply(({ content }) => content.includes('Changed'), channel);
    discord.person.say(channel, 'how are you?', { mention: true });
    await replyTo(/how are you\?/, channel);
    const { body } = server.requests.at(-1) ?? {};
    expect(body).toMatchObject({ temperature: 0.25 });
    expect(String(body?.messages[0]?.content)).toContain('health-information');
  });

  test('a Chinese question gets the persona in Chinese', async () => {
    const channel = freshChannel('chinese');
    const system = () => String(server.requests.at(-1)?.body?.messages[0]?.content);
    discord.person.say(channel, '灯塔是什么？', { mention: true });
    await replyTo(/灯塔是什么？/, channel);
    expect(system()).toContain('你是 Parley，群聊里的智能助手');
    expect(system()).toContain('以发言者的名字和冒号开头');
    expect(system()).not.toContain('You are');
    discord.person.say(channel, 'and in English?', { mention: true });
    await replyTo(/and in English\?/, channel);
    expect(system()).toContain('You are Parley');
  });

  test('a person without the permission cannot change settings', async () => {
    const channel = freshChannel('no-permission');
    discord.person.useCommand(channel, 'settings', { persona: 'medical' });
    await discord.waitForReply(({ content }) => content.includes('may not change'), channel);
  });

  test('a model that is down gets its sentence, and retry answers once it is back', async () => {
    const channel = freshChannel('down');
    server.setScript(() => ({ fault: 'answer', status: 401, body: '{"error":{"message":"no"}}' }));
    discord.person.say(channel, 'are you there?', { mention: true });
    const sorry = await replyTo(/refused this request/, channel);
    server.setScript(() => 'Here again.');
    // The notice stands a moment before its turn has ended; until then the command says so.
    await awaitCondition(
      async () => (await commandAnswer(channel, 'retry')) !== 'This reply is still being written.',
    );
    expect((await replyTo('Here again.', channel)).id).toBe(sorry.id);
  });
});
