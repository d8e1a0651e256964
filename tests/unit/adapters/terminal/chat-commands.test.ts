import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ChatResult } from '../../../../adapters/terminal/run-terminal-chat.js';
import { reply, until } from '../web/scripted-bot.js';
import { openChats } from './open-chats.js';
import { CTRL_D, Terminal } from './terminal.js';

const { open, chat, ask } = openChats();

describe('a command', () => {
  let terminal: Terminal;
  let done: Promise<ChatResult>;
  beforeEach(() => {
    terminal = new Terminal('person');
    done = chat(terminal);
  });
  afterEach(async () => {
    terminal.type(CTRL_D);
    await done;
  });

  test('runs on the server with its values and says what came of it', async () => {
    open().bot.commandReply = {
      type: 'notice',
      text: 'From now on **medium** answers here.',
      audience: 'asker',
    };
    terminal.type('/model medium\r');
    await terminal.shows('From now on medium answers here.\n> ');
    terminal.type('/settings temperature=0.5 persona="medical" reset=no\r');
    await until(() => open().bot.commands.length === 2);
    expect(open().bot.commands).toMatchObject([
      { name: 'model', values: { name: 'medium' } },
      { name: 'settings', values: { temperature: 0.5, persona: 'medical', reset: false } },
    ]);
    expect(open().bot.commands[0]?.address).toEqual(open().bot.commands[1]?.address);
  });

  test('takes a setting and its value without an equals sign too', async () => {
    terminal.type('/settings temperature 0.5\r');
    await until(() => open().bot.commands.length === 1);
    expect(open().bot.commands[0]?.values).toEqual({ temperature: 0.5 });
  });

  test('that asks streams its answer', async () => {
    const turn = await ask(terminal, '/ask why is a=b false?');
    expect(turn.message.text).toBe('why is a=b false?');
    turn.end(reply('Because.'));
    await terminal.shows('Because.\n> ');
  });

  test('that there is not, or with wrong values, is answered with a sentence', async () => {
    terminal.type('/dance\r');
    await terminal.shows('There is no command /dance; /help lists them.');
    terminal.type('/settings temperature=hot\r');
    await terminal.shows('values.temperature must be a number.');
    terminal.type('/settings colour=red\r');
    await terminal.shows('values.colour is not an option of settings.');
  });

  test('help lists the server’s commands and the terminal’s own', async () => {
    terminal.type('/help\r');
    await terminal.shows('/model [name]');
    await terminal.shows('/exit');
  });

  test('retry answers the last message again', async () => {
    const turn = await ask(terminal, 'x');
    turn.end(reply('first'));
    await terminal.shows('first\n> ');
    terminal.type('/retry\r');
    await until(() => open().bot.regenerated.length === 1);
    turn.end(reply('second'));
    await terminal.shows('second\n> ');
    open().bot.regenerationRefused = { type: 'refused', reason: 'token-limit', text: 'No tokens are left.' };
    terminal.type('/retry\r');
    await terminal.shows('No tokens are left.\n> ');
  });

  test('is completed with the tab key', async () => {
    open().bot.models = [
      {
        alias: 'medium',
        description: '',
        runs: 'local',
        contextWindow: null,
        state: 'ready',
        isDefault: true,
      },
    ];
    terminal.type('/mo\t');
    await terminal.shows('/model');
    terminal.type(' me\t');
    await terminal.shows('/model medium');
    terminal.type('\r');
    await until(() => open().bot.commands.length === 1);
    expect(open().bot.commands[0]?.values).toEqual({ name: 'medium' });
  });
});
