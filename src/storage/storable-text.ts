/** What PostgreSQL takes as text: no NUL, no lone surrogate. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '');
}

/** The same for every text inside a JSON value. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'string' ? storable(inner) : inner,
  );
}
