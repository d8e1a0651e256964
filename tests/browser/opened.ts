/** A part of what the tests of a `describe` look at: there once they run. */
export function opened<Part>(part: Part | undefined): Part {
  if (part === undefined) throw new Error('it is opened before the tests');
  return part;
}
