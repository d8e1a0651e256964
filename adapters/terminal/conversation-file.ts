import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import type { ConversationKeeper } from './run-terminal-chat.js';

/** Keeps the conversation's id in a file that only its owner reads: who knows the id can read the conversation. */
export function conversationFile(path: string): ConversationKeeper {
  return {
    async load() {
      const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return '';
        throw error;
      });
      const id = text.trim();
      return /^[A-Za-z0-9][A-Za-z0-9._:~-]{0,127}$/.test(id) ? id : null;
    },
    async save(conversationId) {
      if (conversationId === null) return rm(path, { force: true });
      const draft = `${path}.${process.pid}.new`;
      await writeFile(draft, `${conversationId}\n`, { mode: 0o600 });
      await rename(draft, path);
    },
  };
}
