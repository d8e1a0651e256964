import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PACKAGE_ROOT } from '../../src/process/compiled-entry.js';
import { DiscordDouble } from '../doubles/discord/discord-double.js';
import { SlackDouble } from '../doubles/slack/slack-double.js';
import { shownButtons } from '../doubles/slack/workspace.js';
import { startUnderTest, type UnderTest } from './parley-under-test.js';

/** The model's file stays here between runs, as it stays in a user's data folder: 98 MB. */
const CACHE = path.join(PACKAGE_ROOT, 'node_modules', '.cache', 'parley-models');
/** A 135M model on one thread; its first reply waits for the download. */
const PATIENCE_MS = 120_000;

const TOLD = 'The name of our project is Falcon.';
const ASKED = 'What is the name of our project?';

describe('the default model, got as a user gets it', { timeout: 2 * PATIENCE_MS }, () => {
  let discord: DiscordDouble;
  let slack: SlackDouble;
  let under: UnderTest;
  beforeAll(async () => {
    await mkdir(CACHE, { recursive: true });
    discord = await new DiscordDouble().start();
    slack = await SlackDouble.start({ rates: false });
    under = await startUnderTest({
      discord,
      slack,
      env: { PARLEY_MODEL: 'small' },
      // Always the likeliest token: what is tested is memory, not luck.
      file: {
        downloads: { allowed: true },
        sampling: { temperature: 0 },
        models: { small: { sampling: { temperature: 0 } } },
      },
      prepare: (dataDir) => symlink(CACHE, path.join(dataDir, 'models'), 'junction'),
    });
    await discord.waitForBot();
  }, 4 * PATIENCE_MS);
  afterAll(async () => {
    await under.stop();
    await slack.stop();
    await discord.stop();
  });

  test('remembers a name over HTTP', async () => {
    const { conversation_id } = await under.ask(TOLD);
    const { answer } = await under.ask(ASKED, { conversation_id });
    expect(answer).toContain('Falcon');
  });

  test('remembers a name on Discord', async () => {
    const channel = discord.directChannel();
    const finished = (replies: number) =>
      discord.waitForReply(
        ({ id, components }) =>
          discord.replies(channel).findIndex((reply) => reply.id === id) === replies - 1 &&
          JSON.stringify(components).includes('Regenerate'),
        channel,
        PATIENCE_MS,
      );
    discord.person.say(channel, TOLD);
    await finished(1);
    discord.person.say(channel, ASKED);
    expect((await finished(2)).content).toContain('Falcon');
  });

  test('remembers a name on Slack', async () => {
    const ada = slack.person('Ada');
    const channel = slack.directChannel(ada);
    const finished = (replies: number) =>
      slack.waitFor(() => {
        const messages = slack.botMessages(channel);
        const last = messages.at(-1);
        return messages.length === replies && last && shownButtons(last).length > 1;
      }, PATIENCE_MS);
    slack.dm(ada, TOLD);
    await finished(1);
    slack.dm(ada, ASKED);
    await finished(2);
    expect(slack.shown(channel).at(-1)).toContain('Falcon');
  });
});
