/**
 * Cuts a reply into pieces that are all different: a model that knows only its last token can say each of them once.
 *
 * Words stay whole; one that came before is joined to the next until the piece is new.
 *
 * @throws {Error} where the text repeats itself to its end
 */
export function scriptedPieces(reply: string): string[] {
  const words = reply.match(/\s*\S+\s*$|\s*\S+/g) ?? (reply === '' ? [] : [reply]);
  const pieces: string[] = [];
  const used = new Set<string>();
  let pending = '';
  for (const word of words) {
    pending += word;
    if (used.has(pending)) continue;
    used.add(pending);
    pieces.push(pending);
    pending = '';
  }
  while (pending !== '') {
    const last = pieces.pop();
    if (last === undefined) throw new Error('the reply repeats itself: it cannot be scripted');
    used.delete(last);
    pending = last + pending;
    if (!used.has(pending)) {
      pieces.push(pending);
      pending = '';
    }
  }
  return pieces;
}
