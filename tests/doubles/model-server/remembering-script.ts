import type { Script } from './reply.js';

/**
 * A model that knows what it was told: asked "what is my name?", it says the name of the newest earlier
 * "my name is …" in its prompt; else it repeats what was said last.
 */
export const rememberingScript: Script = ({ messages }) => {
  const said = messages.filter(({ role }) => role === 'user').map(({ content }) => String(content));
  const last = said.at(-1) ?? '';
  if (!/what is my name/i.test(last)) return `You said: ${last}`;
  const names = said.flatMap((text) => /my name is (\p{L}+)/iu.exec(text)?.[1] ?? []);
  return names.length > 0 ? `Your name is ${names.at(-1)}.` : 'You have not told me your name.';
};
