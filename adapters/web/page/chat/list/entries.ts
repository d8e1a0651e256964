import type { ListedConversation } from '../../api/api-types.js';
import { comparedIds } from './comparison-id.js';
import { SAID } from './sentences.js';

/** What has one line on the list: a conversation, or the two of a comparison. */
export interface Entry {
  /** Of the conversation, or of the one of the two that came first on the list. */
  readonly listed: ListedConversation;
  /** Of one conversation, or of the first and the second model's. */
  readonly ids: readonly [string] | readonly [string, string];
  readonly name: string;
  /** Where it is shown. */
  readonly href: string;
}

/** The lines of a list, in its order. */
export function entriesOf(conversations: readonly ListedConversation[]): readonly Entry[] {
  const seen = new Set<string>();
  return conversations.flatMap((listed) => {
    if (seen.has(listed.conversation_id)) return [];
    const entry = entryOf(listed);
    for (const id of entry.ids) seen.add(id);
    return [entry];
  });
}

function entryOf(listed: ListedConversation): Entry {
  const title = listed.title ?? SAID.untitled;
  const id = listed.conversation_id;
  const compared = comparedIds(id);
  if (!compared) return { listed, ids: [id], name: title, href: `/?conversation=${encodeURIComponent(id)}` };
  const { first, second } = compared;
  const query = new URLSearchParams({ first_conversation: first, second_conversation: second });
  return { listed, ids: [first, second], name: SAID.compared(title), href: `/compare?${query}` };
}
