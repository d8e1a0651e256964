import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Person } from '../../../../doubles/discord/person.js';
import type { DoubleMessage } from '../../../../doubles/discord/world.js';
import { type InteractionBench, openInteractions } from './interaction-fixture.js';

let bench: InteractionBench;
beforeEach(async () => {
  bench = await openInteractions();
});
afterEach(() => bench.close());

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
    expect(await bench.waitToBeTold(refused)).toEqual({
      content: 'Only the person who asked, or someone who may change the settings here, can do that.',
      ephemeral: true,
    });
    expect(inbox.stopped).toEqual([7, 7]);
    expect(refused.acknowledged).toBe(6);
  });

  test('regenerate: the same people may as may stop, and are told where it cannot be', async () => {
    const { double, inbox } = bench;
    const refused = other.pressButton(reply, 'again');
    expect((await bench.waitToBeTold(refused)).content).toContain('Only the person who asked');
    expect(inbox.regenerated).toEqual([]);
    double.person.pressButton(reply, 'again');
    await bench.until(() => inbox.regenerated.length === 1, 'the regeneration');
    inbox.regenerating = (language) => ({ type: 'refused', reason: 'turn-limit', text: `wait, ${language}` });
    const tooSoon = other.pressButton(reply, 'again', { mayManage: true });
    expect(await bench.waitToBeTold(tooSoon)).toEqual({ content: 'wait, en', ephemeral: true });
  });

  test('thumbs are anyone’s, and thanked for', async () => {
    const { inbox } = bench;
    const pressed = other.pressButton(reply, 'down');
    expect((await bench.waitToBeTold(pressed)).ephemeral).toBe(true);
    other.pressButton(reply, 'up');
    await bench.until(() => inbox.votes.length === 2, 'the votes');
    const author = { key: `discord/${other.id}` };
    expect(inbox.votes).toMatchObject([
      { turnId: 7, author, vote: -1 },
      { turnId: 7, author, vote: 1 },
    ]);
  });

  test('a reply that ended, or is not known, is said so', async () => {
    const { double, inbox } = bench;
    inbox.running = false;
    expect((await bench.waitToBeTold(double.person.pressButton(reply, 'stop'))).content).toBe(
      'That reply has ended already.',
    );
    inbox.turns.clear();
    expect((await bench.waitToBeTold(double.person.pressButton(reply, 'again'))).content).toBe(
      'I no longer know that reply.',
    );
  });

  test('an id that was made up does nothing, but is acknowledged', async () => {
    const { double, inbox } = bench;
    for (const id of ['parley:stop:8', 'parley:stop:-1', 'parley:stop:7; drop', 'stop', 'parley:rm:7']) {
      await bench.acknowledged(double.person.pressCustomId(reply, id));
    }
    double.person.pressButton(reply, 'up');
    await bench.until(() => inbox.votes.length === 1, 'the vote');
    expect([inbox.stopped, inbox.regenerated]).toEqual([[], []]);
  });
});
