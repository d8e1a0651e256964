import { afterAll, beforeAll, expect, test } from 'vitest';
import { DiscordDouble } from '../doubles/discord/discord-double.js';
import { type ModelServer, startModelServer } from '../doubles/model-server/model-server.js';
import { SlackDouble } from '../doubles/slack/slack-double.js';
import { startUnderTest, type UnderTest } from './parley-under-test.js';

/** Lone surrogates, NUL, a bidirectional override, zero-width characters, and code points of four bytes. */
const HOSTILE = 'high\ud83d, low\ude00, nul\0, bidi\u202etfel\u202c, wide\u200b\u200d\ufeff, 👩‍👩‍👧 𠮷 done';
/** The same as PostgreSQL and the platforms take it: nothing is lost but what is no text. */
const READABLE = 'high\ufffd, low\ufffd, nul, bidi\u202etfel\u202c, wide\u200b\u200d\ufeff, 👩‍👩‍👧 𠮷 done';
const NOTHING = '\u200b\u202e\ufeff';

let discord: DiscordDouble;
let slack: SlackDouble;
let server: ModelServer;
let under: UnderTest;
beforeAll(async () => {
  discord = await new DiscordDouble().start();
  slack = await SlackDouble.start({ rates: false });
  // Says the whole of it back, hostile as it is.
  server = await startModelServer({ script: () => `I read ${HOSTILE}.` });
  under = await startUnderTest({ discord, slack, modelServer: server });
  await discord.waitForBot();
});
afterAll(async () => {
  await under.stop();
  await server.close();
  await slack.stop();
  await discord.stop();
});

test('hostile text is answered everywhere, nothing of it is lost, and what is stored is readable', async () => {
  const sent = () => String(server.requests.at(-1)?.body?.messages.at(-1)?.content);
  const answer = `I read ${READABLE}.`;

  // Who programs against the API is told of a fault; who types in a chat could not mend it.
  const refused = await under.ask(HOSTILE);
  expect(refused).toMatchObject({ status: 400 });
  expect(JSON.stringify(refused['error'])).toContain('question must be well-formed Unicode without NUL');
  expect(await under.ask(READABLE)).toMatchObject({ status: 200, answer });
  expect(sent()).toBe(READABLE);

  const direct = discord.directChannel();
  discord.person.say(direct, HOSTILE);
  await discord.waitForReply(({ content }) => content === answer, direct);
  expect(sent()).toBe(READABLE);

  const ada = slack.person('Ada');
  slack.dm(ada, HOSTILE);
  await slack.waitFor(() => slack.shown(slack.directChannel(ada)).some((text) => text.includes(answer)));
  expect(sent()).toBe(READABLE);

  const rows = await under.readDatabase(
    'SELECT message.text, turn.reply FROM message JOIN turn ON turn.message_id = message.id ORDER BY turn.id',
  );
  expect(rows).toEqual(Array.from({ length: 3 }, () => ({ text: READABLE, reply: answer })));
  await under.restart();
});

test('text with nothing to read in it is refused in a sentence', async () => {
  const refused = await under.ask(NOTHING);
  expect(refused).toMatchObject({ status: 400 });
  expect(JSON.stringify(refused['error'])).toMatch(/empty|nothing/i);
});
