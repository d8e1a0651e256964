import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../../../src/pipeline/commands/definitions.js';
import type { CommandReply } from '../../../../src/ports/turns/inbox.js';
import { DEFAULTS, openInboxes } from '../accept/open-inboxes.js';

const { open } = openInboxes();
const text = (reply: CommandReply) => (reply.type === 'notice' ? reply.text : '');

describe('commands', () => {
  test('model lists the models, sets one for the place, and knows no others', async () => {
    const { lookup, command, address } = open();
    expect(text(await command('model'))).toMatch(/\*\*small\*\*.*answers here/);
    expect(text(await command('model', { name: 'large' }))).toContain('**large**');
    expect(await lookup.settings(address)).toMatchObject({ model: 'large' });
    expect(text(await command('model', { name: 'huge' }))).toContain('small, large');
  });

  test('settings are changed one by one, shown, and reset', async () => {
    const { lookup, command, address } = open();
    await command('settings', { persona: 'medical', temperature: 0.1 });
    await command('settings', { top_k: 7, follow_threads: true });
    expect(await lookup.settings(address)).toMatchObject({
      persona: 'medical',
      followThreads: true,
      sampling: { temperature: 0.1, topK: 7 },
    });
    expect(text(await command('settings'))).toContain('- temperature: 0.1');
    await command('settings', { reset: true });
    expect(await lookup.settings(address)).toEqual(DEFAULTS);
  });

  test.each([
    [{ temperature: 9 }, 'temperature must be between 0 and 2'],
    [{ max_tokens: 1.5 }, 'whole number'],
    [{ persona: 'nobody' }, 'assistant, medical'],
    [{ language: 'fr' }, 'auto, en, zh'],
    [{ memory: 'none' }, 'channel, user'],
  ])('settings %j are refused with what would be right', async (values, sentence) => {
    const { lookup, command, address } = open();
    expect(text(await command('settings', values))).toContain(sentence);
    expect(await lookup.settings(address)).toEqual(DEFAULTS);
  });

  test('change nothing for people who may not', async () => {
    const { lookup, command, address } = open({ mayChange: false });
    for (const reply of [
      await command('model', { name: 'large' }),
      await command('settings', { persona: 'medical' }),
      await command('clear'),
    ]) {
      expect(text(reply)).toContain('may not');
    }
    expect(await lookup.settings(address)).toEqual(DEFAULTS);
  });

  test('stop stops one’s own replies, and others’ only for those who may', async () => {
    const { inbox, message, command, stopped } = open({ mayChange: false });
    const accepted = await inbox.accept(message('a long story'));
    const bo = { key: 'slack/T/UBO', id: 'UBO', name: 'Bo' };
    expect(text(await command('stop', {}, bo))).toContain('No reply of yours');
    expect(text(await command('stop'))).toContain('Stopping the reply');
    expect(stopped).toEqual(['turnId' in accepted && accepted.turnId]);
  });

  test('retry has nothing to do before a first message, and makes a finished turn pending again', async () => {
    const { inbox, turns, message, command } = open();
    expect(text(await command('retry'))).toContain('no message');
    const accepted = await inbox.accept(message('hello'));
    if (accepted.type !== 'accepted') throw new Error('not accepted');
    const turn = await turns.claims.claimNext(accepted.conversationId, 'test', 60_000);
    if (!turn) throw new Error('not claimed');
    await turns.claims.finish(turn, { state: 'cancelled' });
    expect(text(await command('retry'))).toContain('again');
    expect(await turns.lookup.find(turn.id)).toMatchObject({ state: 'pending' });
  });

  test('retry answers no question of another person again, as the button does not', async () => {
    const { inbox, turns, message, command } = open({ mayChange: false });
    const accepted = await inbox.accept(message('hello'));
    if (accepted.type !== 'accepted') throw new Error('not accepted');
    const turn = await turns.claims.claimNext(accepted.conversationId, 'test', 60_000);
    if (!turn) throw new Error('not claimed');
    await turns.claims.finish(turn, { state: 'cancelled' });
    const bo = { key: 'slack/T/UBO', id: 'UBO', name: 'Bo' };
    await command('retry', {}, bo);
    expect(await turns.lookup.find(turn.id)).toMatchObject({ state: 'cancelled' });
    expect(text(await command('retry'))).toContain('again');
  });

  test('usage counts, forget-me erases, clear says when there was nothing', async () => {
    const { inbox, message, command } = open();
    expect(text(await command('clear'))).toContain('nothing to forget');
    await inbox.accept(message('hello'));
    expect(text(await command('usage'))).toContain('last 24 hours: 1 question,');
    expect(text(await command('forget-me'))).toContain('Erased: 1');
    expect(text(await command('forget-me'))).toContain('no messages of yours');
  });

  test('ask becomes a turn, and help names every command', async () => {
    const { command } = open();
    expect(await command('ask', { question: 'really?' })).toMatchObject({
      type: 'turn',
      acceptance: { type: 'accepted' },
    });
    const help = text(await command('help'));
    for (const { name } of COMMANDS) expect(help).toContain(`**${name}**`);
  });

  test('suggest gives what begins with, then what contains, the typed letters', async () => {
    const { inbox } = open();
    expect(await inbox.suggest('models', 'L')).toEqual(['large', 'small']);
    expect(await inbox.suggest('personas', 'med')).toEqual(['medical']);
  });
});
