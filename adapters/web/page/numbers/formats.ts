/** Numbers as the browser's language writes them. */
const whole = new Intl.NumberFormat();
const short = new Intl.NumberFormat(undefined, { notation: 'compact', maximumSignificantDigits: 3 });
const decimal = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 });
const share = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 });
const seconds = new Intl.NumberFormat(undefined, {
  style: 'unit',
  unit: 'second',
  unitDisplay: 'narrow',
  maximumSignificantDigits: 3,
});
const day = new Intl.DateTimeFormat(undefined, { timeZone: 'UTC', dateStyle: 'medium' });
const tick = new Intl.DateTimeFormat(undefined, { timeZone: 'UTC', month: 'short', day: 'numeric' });

/** For what is not known. */
const NOTHING = '–';

export type Format = (value: number | null) => string;

const known =
  (format: Intl.NumberFormat): Format =>
  (value) =>
    value === null ? NOTHING : format.format(value);

export const asCount = known(whole);
/** As in 12K: for axes and tiles. */
export const asShort = known(short);
export const asDecimal = known(decimal);
/** @param value - 0 to 1 */
export const asShare = known(share);
/** @param value - milliseconds */
export const asSeconds: Format = (value) => (value === null ? NOTHING : seconds.format(value / 1000));

/** @param currency - three letters */
export function asCost(currency: string): Format {
  return known(new Intl.NumberFormat(undefined, { style: 'currency', currency, maximumFractionDigits: 4 }));
}

/** @param text - as in 2026-11-21 */
export function asDay(text: string): string {
  return day.format(Date.parse(text));
}

/** A day in a few letters. @param ms - since 1970 */
export function asTick(ms: number): string {
  return tick.format(ms);
}
