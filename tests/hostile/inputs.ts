import fc from 'fast-check';

/** Something of JSON. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What hurts somewhere: mentions, fences, tags, markup, control characters, halves of characters, long runs. */
const SPARKS = [
  '@everyone',
  '@here',
  '<@1400000000000000001>',
  '<@!1400000000000000001>',
  '<@&1400000000000000002>',
  '<#1400000000000000003>',
  '<!here>',
  '<!channel>',
  '<!everyone>',
  '<!subteam^S1|team>',
  '<@U1>',
  '<@U1|',
  '<https://x.example|<!here>>',
  '```',
  '````',
  '~~~',
  '\n```ts\n',
  '\n~~~\n',
  ' ```',
  '> ```\n',
  '`',
  '<br>',
  '<br>```',
  '<p>```',
  '&lt;!here&gt;',
  '&lt;@U1&gt;',
  '&amp;lt;',
  '&nbsp;',
  '<b>',
  '</b>',
  '<a href="javascript:x">x</a>',
  '![](',
  '[x](http://x)',
  '| a | b |\n|---|---|\n| c | d |\n',
  '# ',
  '#### @everyone',
  '- [ ] ',
  '***',
  '</think>',
  '<think>',
  '\0',
  '\u001b[2J',
  '\u001b]0;x\u0007',
  '\r',
  '\u202e',
  '\u200b',
  '\ufeff',
  '\ud83d',
  '\ude00',
  '👩‍👩‍👧',
  '𠮷',
  'ﷺ',
  'e\u0301\u0301\u0301',
  '__proto__',
  '%s%n',
  "'; DROP TABLE turn; --",
  'x'.repeat(300),
  ' '.repeat(300),
  '\n\n',
  '.',
  'word ',
];

export const spark = fc.constantFrom(...SPARKS);

/** Text as somebody writes it who wants to break something; often the same piece very often. */
export function hostileText(maxLength = 40): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.array(spark, { maxLength }).map((pieces) => pieces.join('')) },
    { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
    {
      weight: 2,
      arbitrary: fc.tuple(spark, fc.nat(3_000)).map(([piece, times]) => piece.repeat(times).slice(0, 20_000)),
    },
  );
}

const nested = (depth: number): Json => (depth === 0 ? [] : [nested(depth - 1)]);

/** A value that is none of what was expected. */
export const hostileLeaf: fc.Arbitrary<Json> = fc.oneof(
  hostileText(6),
  fc.constantFrom<Json>(
    null,
    true,
    0,
    -1,
    1.5,
    1e308,
    2 ** 53,
    -(2 ** 63),
    '',
    ' ',
    '0',
    '-1',
    '1e999',
    'NaN',
    [],
    {},
    [[]],
    [null],
    '9'.repeat(400),
    'x'.repeat(20_000),
    nested(200),
  ),
  fc
    .constantFrom('{"__proto__":{"polluted":true}}', '{"constructor":{"prototype":{"polluted":true}}}')
    .map((text) => JSON.parse(text) as Json),
);

type Path = readonly (string | number)[];

function pathsOf(value: Json, at: Path = []): Path[] {
  const inner = Array.isArray(value)
    ? value.flatMap((item, index) => pathsOf(item, [...at, index]))
    : typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, item]) => pathsOf(item, [...at, key]))
      : [];
  return [at, ...inner];
}

/** `undefined` takes away what is at `path`. */
function withValue(value: Json, [key, ...rest]: Path, put: Json | undefined): Json {
  if (key === undefined) return put ?? null;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).flatMap(([name, item]): [string, Json][] => {
    if (name !== String(key)) return [[name, item]];
    if (rest.length === 0) return put === undefined ? [] : [[name, put]];
    return [[name, withValue(item, rest, put)]];
  });
  return Array.isArray(value) ? entries.map(([, item]) => item) : Object.fromEntries(entries);
}

const change = fc.record({
  at: fc.nat(),
  put: fc.oneof(
    { weight: 4, arbitrary: hostileLeaf },
    { weight: 1, arbitrary: fc.constant<Json | undefined>(undefined) },
  ),
});

/** What `shape` gives, with some of it replaced, or missing; sometimes as it is. */
export function damaged(shape: fc.Arbitrary<Json>, maxChanges = 3): fc.Arbitrary<Json> {
  return fc.tuple(shape, fc.array(change, { maxLength: maxChanges })).map(([whole, changes]) =>
    changes.reduce((value, { at, put }) => {
      const paths = pathsOf(value);
      return withValue(value, paths[at % paths.length] ?? [], put);
    }, whole),
  );
}
