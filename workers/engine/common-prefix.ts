/** How many leading elements two lists share. */
export function commonPrefix<T>(a: readonly T[], b: readonly T[]): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length++;
  return length;
}
