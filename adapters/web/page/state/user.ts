import { signal } from '@preact/signals';

const STORED_AS = 'parley.user';
const NOBODY_SAID = 'me';

/** Longest name, in UTF-16 code units, as the API takes it. */
export const NAME_LENGTH = 128;

/** Who asks, in this browser: conversations are listed, and votes kept, under this name. */
export const userId = signal(localStorage.getItem(STORED_AS) ?? NOBODY_SAID);

/** @param name - what a person typed; nothing takes it back. @returns a sentence where it is none, else null */
export function chooseUser(name: string): string | null {
  const chosen = name.trim();
  if (chosen.length > NAME_LENGTH) return `A name holds at most ${NAME_LENGTH} characters: shorten it.`;
  if (/[\p{Cc}\p{Cs}]/u.test(chosen)) return 'A name holds no control characters: type it anew.';
  userId.value = chosen || NOBODY_SAID;
  if (chosen) localStorage.setItem(STORED_AS, chosen);
  else localStorage.removeItem(STORED_AS);
  return null;
}
