/** Who may stop a reply, or have it written again: whoever asked, and whoever may change the settings there. */
export function mayActOn(
  turn: { readonly authorKey: string },
  authorKey: string,
  mayChange: boolean,
): boolean {
  return mayChange || turn.authorKey === authorKey;
}
