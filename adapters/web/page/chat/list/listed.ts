import type { Conversations } from '../../api/api-types.js';

/**
 * Puts a first page that was read anew before what was loaded of later ones.
 *
 * @returns as many as were shown, and `earlier` to go on from there
 */
export function renewed(fresh: Conversations, shown: Conversations): Conversations {
  const last = fresh.conversations.at(-1);
  if (fresh.earlier === null || !last) return fresh;
  const known = new Set(fresh.conversations.map(({ conversation_id }) => conversation_id));
  const rest = shown.conversations.filter(
    (listed) => !known.has(listed.conversation_id) && listed.updated_at <= last.updated_at,
  );
  if (rest.length === 0) return fresh;
  return { conversations: [...fresh.conversations, ...rest], earlier: shown.earlier };
}
