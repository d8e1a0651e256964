import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ExpectedFailure } from '../../../../../src/domain/failure.js';
import { FakeClock } from '../../../../doubles/clocks/fake-clock.js';
import { renderMessage } from '../../../../doubles/discord/render.js';
import { type AdapterBench, acceptedUntilNow, openAdapter } from '../adapter-fixture.js';

describe('handing in what is said on Discord', () => {
  let bench: AdapterBench;
  beforeEach(async () => {
    bench = await openAdapter();
  });
  afterEach(() => bench.close());

  test('a message the gateway delivers twice is handed in once', async () => {
    const { double } = bench;
    double.person.say(double.channel, 'hello', { mention: true, deliveries: 2 });
    expect(await acceptedUntilNow(bench)).toHaveLength(1);
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
    await bench.until(() => inbox.messages.length === 1, 'the other channel');
    release();
    await bench.until(() => inbox.messages.length === 3, 'all');
    expect(inbox.messages.map(({ text }) => text)).toEqual(['elsewhere', 'first', 'second']);
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
    await bench.until(() => inbox.messages.length === 1, 'the message');
    expect(double.replies()).toEqual([]);
  });

  test('so is one that only the database tells to be meant for the bot', async () => {
    const { double, inbox } = bench;
    const thread = double.openThread();
    let tries = 0;
    inbox.takesPart = async () => {
      tries++;
      if (tries < 3) throw new ExpectedFailure('setup', 'the database is out of reach', { retryable: true });
      return true;
    };
    double.person.say(thread, 'how tall are they?');
    await bench.until(() => inbox.messages.length === 1, 'the message');
  });

  test('an edit and a deletion wait for a database that is away', async () => {
    const { double, inbox } = bench;
    const asked = double.person.say(double.channel, 'what is a lighthouse?', { mention: true });
    const edited = inbox.edited.bind(inbox);
    const deleted = inbox.deleted.bind(inbox);
    const away = new Set(['edited', 'deleted']);
    const reach = (what: string) => {
      if (away.delete(what))
        throw new ExpectedFailure('setup', 'the database is out of reach', { retryable: true });
    };
    inbox.edited = async (...edit) => {
      reach('edited');
      return edited(...edit);
    };
    inbox.deleted = async (...deletion) => {
      reach('deleted');
      return deleted(...deletion);
    };
    double.person.editMessage(asked, `<@${double.world.bot.id}> what is a ferry?`);
    double.person.deleteMessage(asked);
    await bench.until(() => inbox.deletions.length === 1, 'the deletion');
    expect(inbox.edits).toMatchObject([{ id: asked.id, text: 'what is a ferry?' }]);
    expect(away.size).toBe(0);
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
    await late.until(() => inbox.messages.length > 0, 'the new message');
    expect(inbox.messages.map(({ text }) => text)).toEqual(['now']);
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
    await bench.until(() => inbox.deletions.length === 1, 'the deletion');
    expect(inbox.edits).toMatchObject([{ id: asked.id, text: 'what is a ferry?' }]);
    double.gateway.dispatch('MESSAGE_DELETE_BULK', { ids: ['1', '2'], channel_id: double.channel.id });
    await bench.until(() => inbox.deletions.length === 3, 'the deletions');
  });
});
