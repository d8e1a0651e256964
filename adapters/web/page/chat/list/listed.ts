/** A conversation as `GET /api/conversations` has it. */
export interface Listed {
  readonly conversation_id: string;
  /** Null where all was forgotten and nobody named it. */
  readonly title: string | null;
  readonly turns: number;
  readonly updated_at: string;
}

export interface ListedPage {
  /** Newest first. */
  readonly conversations: readonly Listed[];
  readonly earlier: number | null;
}

/**
 * Puts a first page that was read anew before what was loaded of later ones.
 *
 * @returns as many as were shown, and `earlier` to go on from there
 */
export function renewed(fresh: ListedPage, shown: ListedPage): ListedPage {
  const last = fresh.conversations.at(-1);
  if (fresh.earlier === null || !last) return fresh;
  const known = new Set(fresh.conversations.map(({ conversation_id }) => conversation_id));
  const rest = shown.conversations.filter(
    (listed) => !known.has(listed.conversation_id) && listed.updated_at <= last.updated_at,
  );
  if (rest.length === 0) return fresh;
  return { conversations: [...fresh.conversations, ...rest], earlier: shown.earlier };
}
