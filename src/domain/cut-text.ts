/** The beginning of `text`, at most `limit` UTF-16 code units, that ends with no half of a surrogate pair. */
export function cutText(text: string, limit: number): string {
  return text.length <= limit ? text : text.slice(0, limit).replace(/[\uD800-\uDBFF]$/, '');
}
