import type { Persona } from '../../domain/persona.js';
import type { Language } from '../../domain/settings.js';

const SHARED: Readonly<Record<Language, string>> = {
  en: 'Several people write here: each message begins with the name of its author and a colon. Do not begin your answer with a name.',
  zh: '这里有多人发言：每条消息以发言者的名字和冒号开头。回答时不要以名字开头。',
};

/** The persona's system prompt, or what was set in its place, and how to tell speakers apart where several share the memory. Stable from turn to turn. */
export function systemPrompt(
  persona: Pick<Persona, 'system'>,
  language: Language,
  shared: boolean,
  ownPrompt?: string,
): string {
  const base = ownPrompt ?? persona.system[language];
  return shared ? `${base}\n\n${SHARED[language]}` : base;
}
