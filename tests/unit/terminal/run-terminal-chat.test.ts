import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { conversationFile } from '../../../adapters/terminal/conversation-file.js';
import {
  type ChatResult,
  runTerminalChat,
  type TerminalChatOptions,
} from '../../../adapters/terminal/run-terminal-chat.js';
import { openWeb } from '../web/open-web.js';
import { reply, until } from '../web/scripted-bot.js';
import { CTRL_C, CTRL_D, Terminal } from './terminal.js';

let open: Awaited<ReturnType<typeof openWeb>>;
let folder: string;
beforeEach(async () => {
  open = await openWeb();
  folder = await mkdtemp(path.join(tmpdir(), 'parley-chat-'));
});
afterEach(async () => {
  await open.close();
  await rm(folder, { recursive: true });
});

const file = () => path.join(folder, 'conversation');

function chat(terminal: Terminal, changes: Partial<TerminalChatOptions> = {}): Promise<ChatResult> {
  return runTerminalChat({
    fetch: open.web.fetch,
    userId: 'ann',
    input: terminal.input,
    output: terminal.output,
    conversation: conversationFile(file()),
    ...changes,
  });
}

/** Types `text` and waits until the bot got it. */
async function ask(terminal: Terminal, text: string, index = 0) {
  terminal.type(`${text}\r`);
  const turn = await open.bot.turn(index);
  await turn.watchedBy(1);
  return turn;
}

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
    const ids = open.bot.turns.map((turn) => turn.message.address.channel);
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
    await until(() => open.bot.stopped.includes(turn.id));
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
    const next = await open.bot.turn(1);
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
    await until(() => open.bot.stopped.includes(turn.id));
  });
});

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
    open.bot.commandReply = {
      type: 'notice',
      text: 'From now on **medium** answers here.',
      audience: 'asker',
    };
    terminal.type('/model medium\r');
    await terminal.shows('From now on medium answers here.\n> ');
    terminal.type('/settings temperature=0.5 persona="medical" reset=no\r');
    await until(() => open.bot.commands.length === 2);
    expect(open.bot.commands).toMatchObject([
      { name: 'model', values: { name: 'medium' } },
      { name: 'settings', values: { temperature: 0.5, persona: 'medical', reset: false } },
    ]);
    expect(open.bot.commands[0]?.address).toEqual(open.bot.commands[1]?.address);
  });

  test('takes a setting and its value without an equals sign too', async () => {
    terminal.type('/settings temperature 0.5\r');
    await until(() => open.bot.commands.length === 1);
    expect(open.bot.commands[0]?.values).toEqual({ temperature: 0.5 });
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
    await until(() => open.bot.regenerated.length === 1);
    turn.end(reply('second'));
    await terminal.shows('second\n> ');
  });

  test('is completed with the tab key', async () => {
    open.bot.models = [
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
    await until(() => open.bot.commands.length === 1);
    expect(open.bot.commands[0]?.values).toEqual({ name: 'medium' });
  });
});

describe('a pipe', () => {
  test('has each line answered and then ends, with nothing but the answers', async () => {
    const terminal = new Terminal('pipe');
    open.bot.onAccepted = (turn) => turn.end(reply(`<${turn.message.text}>`));
    terminal.input.end('one\n\ntwo\nthree');
    expect(await chat(terminal)).toEqual({ failures: 0 });
    expect(terminal.shown).toBe('<one>\n<two>\n<three>\n');
  });

  test('is told what went wrong, in a sentence and in the count', async () => {
    const terminal = new Terminal('pipe');
    open.bot.refusal = { type: 'refused', reason: 'too-long', text: 'That is too long.' };
    terminal.input.end('one\n');
    expect(await chat(terminal)).toEqual({ failures: 1 });
    expect(terminal.shown).toBe('That is too long.\n');
  });

  test('can be interrupted', async () => {
    const terminal = new Terminal('pipe');
    let interrupt = () => {};
    const onInterrupt = (listener: () => void) => {
      interrupt = listener;
      return () => {};
    };
    const done = chat(terminal, { onInterrupt });
    terminal.input.write('one\n');
    await (await open.bot.turn()).watchedBy(1);
    interrupt();
    await terminal.shows('(stopped)');
    interrupt();
    await done;
  });
});

describe('over the network', () => {
  test('a running server is spoken to with its key', async () => {
    const guarded = await openWeb({ apiKey: 'k-1' });
    guarded.bot.onAccepted = (turn) => turn.end(reply('Hello.'));
    const terminal = new Terminal('pipe');
    terminal.input.end('hi\n');
    await chat(terminal, { fetch, baseUrl: guarded.url, apiKey: 'k-1' });
    expect(terminal.shown).toBe('Hello.\n');
    const stranger = new Terminal('pipe');
    stranger.input.end('hi\n');
    await chat(stranger, { fetch, baseUrl: guarded.url });
    expect(stranger.shown).toContain('PARLEY_API_KEY');
    await guarded.close();
  });

  test('a server that is not there, or goes away, is told in a sentence', async () => {
    const terminal = new Terminal('pipe');
    const done = chat(terminal, { fetch, baseUrl: open.url });
    terminal.input.write('one\n');
    const turn = await open.bot.turn();
    await turn.watchedBy(1);
    await open.close();
    await terminal.shows('Parley is being restarted');
    terminal.input.end('two\n');
    await done;
    expect(terminal.shown).toContain(`Parley cannot be reached at ${open.url}; is it running?`);
  });
});
