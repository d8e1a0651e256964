import { describe, expect, test } from 'vitest';
import { openWeb } from '../web/open-web.js';
import { reply } from '../web/scripted-bot.js';
import { openChats } from './open-chats.js';
import { Terminal } from './terminal.js';

const { open, chat } = openChats();

describe('a pipe', () => {
  test('has each line answered and then ends, with nothing but the answers', async () => {
    const terminal = new Terminal('pipe');
    open().bot.onAccepted = (turn) => turn.end(reply(`<${turn.message.text}>`));
    terminal.input.end('one\n\ntwo\nthree');
    expect(await chat(terminal)).toEqual({ failures: 0 });
    expect(terminal.shown).toBe('<one>\n<two>\n<three>\n');
  });

  test('is told what went wrong, in a sentence and in the count', async () => {
    const terminal = new Terminal('pipe');
    open().bot.refusal = { type: 'refused', reason: 'too-long', text: 'That is too long.' };
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
    await (await open().bot.turn()).watchedBy(1);
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
    const done = chat(terminal, { fetch, baseUrl: open().url });
    terminal.input.write('one\n');
    const turn = await open().bot.turn();
    await turn.watchedBy(1);
    await open().close();
    await terminal.shows('Parley is being restarted');
    terminal.input.end('two\n');
    await done;
    expect(terminal.shown).toContain(`Parley cannot be reached at ${open().url}; is it running?`);
  });
});
