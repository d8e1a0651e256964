const LONGEST_NAME = 100;

/**
 * The name of `known` that `name` was probably meant to be.
 *
 * @returns null where none is within a third of the name's length (at least 2) in typing slips
 */
export function nearestName(name: string, known: Iterable<string>): string | null {
  // Each letter is held against each: a text of thousands was never meant to be a name.
  if (name.length > LONGEST_NAME) return null;
  let nearest: string | null = null;
  let smallest = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = typingSlips(name.toLowerCase(), candidate.toLowerCase());
    if (distance < smallest) [nearest, smallest] = [candidate, distance];
  }
  return nearest;
}

/** Letters to add, drop, replace, or swap with their neighbour to make `to` of `from` (optimal string alignment). */
export function typingSlips(from: string, to: string): number {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number) => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= from.length; i++) {
    rows.push([i]);
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1];
      const swapped = from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const slips = Math.min(
        at(i - 1, j) + 1,
        at(i, j - 1) + 1,
        at(i - 1, j - 1) + (same ? 0 : 1),
        swapped ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
      );
      rows[i]?.push(slips);
    }
  }
  return at(from.length, to.length);
}
