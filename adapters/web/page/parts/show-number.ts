const number = new Intl.NumberFormat();

/** In the browser's language. */
export function showNumber(value: number): string {
  return number.format(value);
}
