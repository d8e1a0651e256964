import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { conversationFile } from '../../../../adapters/terminal/conversation-file.js';
import {
  type ChatResult,
  runTerminalChat,
  type TerminalChatOptions,
} from '../../../../adapters/terminal/run-terminal-chat.js';
import { openWeb } from '../web/open-web.js';
import type { Terminal } from './terminal.js';

/** Chats with a server whose model a test scripts. For the surrounding file: each test has a server of its own. */
export function openChats() {
  let web: Awaited<ReturnType<typeof openWeb>>;
  let folder: string;
  beforeEach(async () => {
    web = await openWeb();
    folder = await mkdtemp(path.join(tmpdir(), 'parley-chat-'));
  });
  afterEach(async () => {
    await web.close();
    await rm(folder, { recursive: true });
  });

  /** Where the conversation's id is kept. */
  const file = () => path.join(folder, 'conversation');

  function chat(terminal: Terminal, changes: Partial<TerminalChatOptions> = {}): Promise<ChatResult> {
    return runTerminalChat({
      fetch: web.web.fetch,
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
    const turn = await web.bot.turn(index);
    await turn.watchedBy(1);
    return turn;
  }

  return { open: () => web, file, chat, ask };
}
