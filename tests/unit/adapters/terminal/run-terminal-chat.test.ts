import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { reply, until } from '../web/scripted-bot.js';
import { openChats } from './open-chats.js';
import { CTRL_C, CTRL_D, Terminal } from './terminal.js';

const { open, file, chat, ask } = openChats();

describe('a chat in the terminal', () => {
  test('shows the answer as it comes, then asks again', async () => {
    const terminal = new Terminal('person');
    const done = chat(terminal);
    const turn = await ask(terminal, 'Hello there');
    expect(turn.message).toMatchObject({ text: 'Hello there', author: { key: 'web/ann' } });
    await turn.write('Good');
    await terminal.shows('Good');
    turn.end(reply('Good morning.'));
    await terminal.shows('Good morning.\n> ');
    terminal.type(CTRL_D);
    expect(await done).toEqual({ failures: 0 });
    expect(terminal.raw).toBe(false);
  });

  test('goes on with the same conversation, in this run and the next', async () => {
    const first = new Terminal('person');
    const done = chat(first);
    (await ask(first, 'one')).end(reply('1'));
    await first.shows('1\n> ');
    (await ask(first, 'two', 1)).end(reply('2'));
    await first.shows('2\n> ');
    first.type(CTRL_D);
    await done;
    const second = new Terminal('person');
    const again = chat(second);
    (await ask(second, 'three', 2)).end(reply('3'));
    await second.shows('3\n> ');
    second.type('/new\r');
    await second.shows('A new conversation.');
    (await ask(second, 'four', 3)).end(reply('4'));
    await second.shows('4\n> ');
    second.type('/exit\r');
    await again;
    const ids = open().bot.turns.map((turn) => turn.message.address.channel);
    expect(new Set(ids.slice(0, 3)).size).toBe(1);
    expect(ids[3]).not.toBe(ids[0]);
    expect(await readFile(file(), 'utf8')).toBe(`${ids[3]}\n`);
  });

  test('says at the start how to get help and how to leave', async () => {
    const terminal = new Terminal('person');
    const done = chat(terminal);
    await terminal.shows('/help lists the commands; Ctrl-C stops a reply, and leaves at the prompt.\n> ');
    terminal.type(CTRL_D);
    await done;
  });

  test('Ctrl-C stops the reply, and a second one leaves', async () => {
    const terminal = new Terminal('person');
    const done = chat(terminal);
    const turn = await ask(terminal, 'Tell me all');
    await turn.write('Once upon');
    await terminal.shows('Once upon');
    terminal.type(CTRL_C);
    await terminal.shows('(stopped)\n> ');
    await until(() => open().bot.stopped.includes(turn.id));
    terminal.type(CTRL_C);
    expect(await done).toEqual({ failures: 0 });
  });

  test('lines pasted together are one question', async () => {
    const terminal = new Terminal('person');
    const done = chat(terminal);
    const unmarked = await ask(terminal, 'first line\rsecond line');
    expect(unmarked.message.text).toBe('first line\nsecond line');
    unmarked.end(reply('ok'));
    await terminal.shows('ok\n> ');
    terminal.type('\x1b[200~a\rb\r');
    terminal.type('c\rd\x1b[201~');
    const marked = await ask(terminal, '!', 1);
    expect(marked.message.text).toBe('a\nb\nc\nd!');
    marked.end(reply('ok too'));
    await terminal.shows('ok too\n> ');
    terminal.type('x\r\x1b[200~y\r');
    await terminal.shows('> x\ny\n');
    let looks = 0;
    await until(() => ++looks > 3); // nothing is sent while the paste goes on
    terminal.type('z\x1b[201~');
    const mixed = await ask(terminal, '', 2);
    expect(mixed.message.text).toBe('x\ny\nz');
    mixed.end(reply('ok again'));
    await terminal.shows('ok again\n> ');
    terminal.type(CTRL_D);
    await done;
  });

  test('what is typed during a reply waits its turn and stays out of the reply', async () => {
    const terminal = new Terminal('person');
    const done = chat(terminal);
    const turn = await ask(terminal, 'one');
    await turn.write('An ');
    await terminal.shows('An ');
    terminal.type('two\r');
    turn.end(reply('An answer.'));
    const next = await open().bot.turn(1);
    expect(terminal.text).toContain('An answer.\n> two\n');
    expect(next.message.text).toBe('two');
    next.end(reply('B'));
    await terminal.shows('B\n> ');
    terminal.type(CTRL_D);
    await done;
  });

  test('escape sequences of the model do nothing', async () => {
    const terminal = new Terminal('person');
    const done = chat(terminal);
    const turn = await ask(terminal, 'x');
    turn.end(reply('a\x1b]0;title\x07b\x9b2Jc'));
    await terminal.shows('a]0;titleb2Jc');
    expect(terminal.shown).not.toContain('\x1b]0;');
    terminal.type(CTRL_D);
    await done;
  });

  test('ends when it is told to, in the middle of a reply', async () => {
    const terminal = new Terminal('person');
    const ending = new AbortController();
    const done = chat(terminal, { signal: ending.signal });
    const turn = await ask(terminal, 'x');
    ending.abort();
    await done;
    await until(() => open().bot.stopped.includes(turn.id));
  });
});
