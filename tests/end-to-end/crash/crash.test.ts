import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { awaitCondition } from '../../doubles/await-condition.js';
import { deferred } from '../../doubles/deferred.js';
import { DiscordDouble } from '../../doubles/discord/discord-double.js';
import type { DoubleChannel, DoubleMessage } from '../../doubles/discord/world.js';
import { type ModelServer, startModelServer } from '../../doubles/model-server/model-server.js';
import { answer } from '../../doubles/model-server/reply.js';
import { createParleyProcess, type ParleyProcess } from '../parley-process.js';

const POST = 'POST /channels/{channel_id}/messages';
const EDIT = 'PATCH /channels/{channel_id}/messages/{message_id}';
const WORDS = Array.from({ length: 60 }, (_, i) => `word${i}`).join(' ');
const NEVER = new Promise<never>(() => {});

describe('a process that ends in the middle of a reply', () => {
  let discord: DiscordDouble;
  let server: ModelServer;
  let parley: ParleyProcess;
  let starts = 0;
  let channel: DoubleChannel;

  async function start() {
    await parley.start();
    starts += 1;
    await discord.waitForBot(starts);
  }
  async function killAndStart() {
    await parley.kill();
    await start();
  }

  beforeAll(async () => {
    discord = await new DiscordDouble().start();
    server = await startModelServer();
    parley = await createParleyProcess(discord, server);
    await start();
  });
  beforeEach(({ task }) => {
    channel = discord.world.addChannel({ kind: 'text', name: task.id, guildId: discord.guild.id });
  });
  afterAll(async () => {
    await parley.remove();
    await server.close();
    await discord.stop();
  });

  const ask = (text: string) => discord.person.say(channel, text, { mention: true });
  const finished = ({ components }: DoubleMessage) => JSON.stringify(components).includes('Regenerate');
  const replyOf = (text: string | RegExp) =>
    discord.waitForReply(
      (message) =>
        finished(message) &&
        (typeof text === 'string' ? message.content === text : text.test(message.content)),
      channel,
    );
  const streaming = () => discord.waitForReply(({ content }) => content.startsWith('word0'), channel);

  /** What the bot remembers of this channel, as the model is told with the next question. */
  async function remembered(): Promise<string[]> {
    server.setScript(() => 'Asked.');
    ask('and now?');
    await replyOf('Asked.');
    const { messages } = server.requests.at(-1)?.body ?? { messages: [] };
    return messages.filter(({ role }) => role === 'assistant').map(({ content }) => content);
  }

  test('before the model’s first token: the question is answered after the restart', async () => {
    server.next({ fault: 'hang' });
    const asked = server.request(server.requests.length + 1);
    ask('are you there?');
    await asked;
    server.setScript(() => 'I am here.');
    await killAndStart();
    await replyOf('I am here.');
    expect(discord.replies(channel)).toHaveLength(1);
    expect(await remembered()).toEqual(['I am here.']);
  });

  test('while text streams: the same message gets the new answer, and the questions behind it theirs, in order', async () => {
    server.setScript(() => answer(WORDS, { paceMs: 100 }));
    const shownTyping = () =>
      discord.log.requests('POST', new RegExp(`/channels/${channel.id}/typing`)).length;
    for (let i = 0; i < 3; i++) ask(`question ${i}!`);
    const begun = await streaming();
    // Typing shows for each question once it is recorded, and once more for the one being answered.
    await awaitCondition(() => shownTyping() >= 4);
    server.setScript(
      ({ messages }) => `Answer to ${/question \d/.exec(messages.at(-1)?.content ?? '')?.[0]}.`,
    );
    await killAndStart();
    await replyOf('Answer to question 2.');
    const replies = discord.replies(channel);
    expect(replies.map(({ content }) => content)).toEqual([
      'Answer to question 0.',
      'Answer to question 1.',
      'Answer to question 2.',
    ]);
    expect(replies[0]?.id).toBe(begun.id);
    expect(await remembered()).toEqual(replies.map(({ content }) => content));
  });

  test('after Discord posted and before it said so: the message is found again', async () => {
    const posted = deferred();
    discord.fail({
      on: POST,
      action: { type: 'hold', applied: true, until: NEVER, onArrival: posted.resolve },
    });
    server.setScript(() => answer(WORDS, { paceMs: 50 }));
    ask('say something');
    await posted.promise;
    const [begun] = discord.replies(channel);
    server.setScript(() => 'Something.');
    await killAndStart();
    const reply = await replyOf('Something.');
    expect(reply.id).toBe(begun?.id);
    expect(discord.replies(channel)).toHaveLength(1);
    expect(await remembered()).toEqual(['Something.']);
  });

  test('between the model’s last token and the last edit: what it said is delivered, and no model asked again', async () => {
    const editing = deferred();
    discord.fail({ on: EDIT, action: { type: 'hold', until: NEVER, onArrival: editing.resolve } });
    server.setScript(() => answer('word0 and all the rest.', { paceMs: 50 }));
    ask('say it once');
    const begun = await streaming();
    await editing.promise;
    const asked = server.requests.length;
    server.setScript(() => 'Something else.');
    await killAndStart();
    const reply = await replyOf('word0 and all the rest.');
    expect(reply.id).toBe(begun.id);
    expect(server.requests).toHaveLength(asked);
    expect(await remembered()).toEqual(['word0 and all the rest.']);
  });

  test('on request: it leaves in good order, and the same message gets the new answer', async () => {
    server.setScript(() => answer(WORDS.repeat(20), { paceMs: 100 }));
    ask('at length');
    const begun = await streaming();
    server.setScript(() => 'In short.');
    expect(await parley.terminate()).toBe(0);
    await start();
    expect((await replyOf('In short.')).id).toBe(begun.id);
    expect(discord.replies(channel)).toHaveLength(1);
  });

  test('over HTTP: the conversation holds one answer to what was asked', async () => {
    server.setScript(() => answer(WORDS, { paceMs: 100 }));
    const asked = server.request(server.requests.length + 1);
    const conversation = crypto.randomUUID();
    const lost = fetch(`${parley.url}/api/question`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ question: 'Who are you?', user_id: 'ada', conversation_id: conversation }),
    }).catch((error: unknown) => error);
    await asked;
    server.setScript(() => 'A bot.');
    await killAndStart();
    expect(await lost).toBeInstanceOf(Error);
    const history = async () => {
      const response = await fetch(`${parley.url}/api/conversations/${conversation}`);
      const { turns } = (await response.json()) as { turns: { state: string; answer: string }[] };
      return turns;
    };
    await awaitCondition(async () => (await history())[0]?.state === 'done', 50);
    expect(await history()).toMatchObject([{ state: 'done', answer: 'A bot.' }]);
  });
});
