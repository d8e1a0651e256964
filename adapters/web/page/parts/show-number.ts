const number = new Intl.NumberFormat();
const oneDigit = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

/** In the browser's language. */
export function showNumber(value: number): string {
  return number.format(value);
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** @param bytes - shown in powers of 1,000, as disks are sold */
export function showBytes(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${oneDigit.format(bytes / 1_000 ** power)} ${UNITS[power]}`;
}
