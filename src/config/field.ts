import { z } from 'zod';

/*
 * Kinds of values a setting can have. Each says in `error` what a right value looks like, worded to follow
 * "should be": a problem is then told the same way for every setting.
 */

export function text(maxLength = 10_000) {
  const error = `some text of at most ${maxLength.toLocaleString('en')} characters`;
  return z.string({ error }).trim().min(1, { error }).max(maxLength, { error });
}

export function wholeNumber(min: number, max: number) {
  const error = `a whole number from ${plain(min)} to ${plain(max)}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

export function number(min: number, max: number) {
  const error = `a number from ${plain(min)} to ${plain(max)}`;
  return z.number({ error }).min(min, { error }).max(max, { error });
}

/** A whole number written as text: an environment variable. */
export function numeral(min: number, max: number) {
  const error = `a whole number from ${plain(min)} to ${plain(max)}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, { error })
    .transform(Number)
    .pipe(wholeNumber(min, max));
}

export function yesNo() {
  return z.boolean({ error: 'true or false' });
}

export function oneOf<const Names extends readonly [string, ...string[]]>(names: Names) {
  return z.enum(names, { error: `one of ${names.join(', ')}` });
}

/** An absolute URL of one of `protocols`, without a trailing slash. */
export function address(protocols: readonly string[], example: string) {
  const error = `a URL such as ${example}`;
  return z
    .string({ error })
    .refine((value) => protocols.includes(protocolOf(value)), { error })
    .overwrite((value) => value.replace(/\/+$/, ''));
}

export function httpAddress(example: string) {
  return address(['http:', 'https:'], example);
}

export function matching(pattern: RegExp, error: string) {
  return z.string({ error }).regex(pattern, { error });
}

export function startingWith(prefix: string, whereToFindIt: string) {
  const error = `a token that starts with ${prefix} (${whereToFindIt})`;
  return z.string().regex(new RegExp(`^${prefix}\\S+$`), { error });
}

/** What an alias, persona or other name of the operator's may look like. */
export function name() {
  const error = 'a name of at most 32 small letters, digits, dots, hyphens and underscores';
  return matching(/^[a-z0-9][a-z0-9._-]{0,31}$/, error);
}

/** A mapping that takes exactly the keys of `shape`. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? undefined
        : 'a mapping of names to values, each written as "name: value"',
  });
}

export function list<Item extends z.ZodType>(item: Item, maxLength: number) {
  const error = `a list of at most ${maxLength}`;
  return z.array(item, { error }).max(maxLength, { error });
}

/** The part of a URL up to its colon; empty where `value` is no URL. */
export function protocolOf(value: string): string {
  return URL.canParse(value) ? new URL(value).protocol : '';
}

function plain(value: number): string {
  return value.toLocaleString('en', { useGrouping: false });
}
