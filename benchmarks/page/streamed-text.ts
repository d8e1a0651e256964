import { splitTokens } from '../../tests/doubles/model-server/reply.js';

const PROSE =
  'A stone that falls gains the same speed in every second, whatever it weighs, as long as the air does not **hold it back**; what it falls grows with the *square* of the time, and `g` is nearly the same everywhere on the ground. ';

const TABLE = `| after | fallen | speed |
| --- | --- | --- |
| 1 s | 4.9 m | 9.8 m/s |
| 2 s | 19.6 m | 19.6 m/s |
| 3 s | 44.1 m | 29.4 m/s |
| 4 s | 78.5 m | 39.2 m/s |
`;

const CODE = `def fallen(seconds: float, gravity: float = 9.81) -> float:
    """Metres that a stone has fallen."""
    if seconds < 0:
        raise ValueError('time runs forward')
    return gravity / 2 * seconds ** 2

for second in range(10):
    print(second, fallen(second))
`;

const FENCE = '```';

const SECTION = `## What falls

${PROSE}${PROSE}

- first, it is let go
- then it gains speed
- at last it lands

${TABLE}
${FENCE}python
${CODE}${FENCE}

`;

/** Markdown with prose, lists, tables and code, of `count` tokens as the model double cuts them. */
export function longReply(count: number): string {
  return cut(SECTION, count);
}

/** Code that is one block from the first token to the last: the hardest to show while it grows. */
export function oneBlock(count: number): string {
  return `${FENCE}python\n${cut(CODE, count)}`;
}

/** An earlier answer. */
export function shortReply(): string {
  return `${PROSE}\n\n${FENCE}python\n${CODE}${FENCE}\n`;
}

function cut(text: string, count: number): string {
  const tokens = splitTokens(text);
  return Array.from({ length: count }, (_, place) => tokens[place % tokens.length]).join('');
}
