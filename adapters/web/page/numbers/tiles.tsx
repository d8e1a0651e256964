import { asCost, asCount, asSeconds, asShare, asShort } from './formats.js';
import type { NumbersBody } from './numbers.js';
import { TILES } from './sentences.js';

/** The range in a few numbers. */
export function Tiles({ body }: { readonly body: NumbersBody }) {
  const { days, models, feedback, first_text_ms } = body;
  const turns = sum(days, (row) => row.turns);
  const up = sum(feedback, (row) => row.up);
  const votes = up + sum(feedback, (row) => row.down);
  const costs = models.flatMap(({ estimated_cost }) => (estimated_cost === null ? [] : [estimated_cost]));
  const cost = costs.length === 0 ? null : sum(costs, (each) => each);
  const tokens = sum(models, (row) => row.prompt_tokens + row.reply_tokens + row.replaced_tokens);
  const shown: readonly (readonly [name: keyof typeof TILES, value: string])[] = [
    ['turns', asCount(turns)],
    ['users', asCount(Math.max(0, ...days.map((row) => row.users)))],
    ['conversations', asCount(Math.max(0, ...days.map((row) => row.conversations)))],
    ['firstText', asSeconds(first_text_ms?.p50 ?? null)],
    ['tokens', asShort(tokens)],
    ['cost', asCost(body.currency)(cost)],
    ['failed', asShare(turns === 0 ? null : sum(days, (row) => row.failed) / turns)],
    ['votes', asShare(votes === 0 ? null : up / votes)],
  ];
  return (
    <dl class="tiles">
      {shown.map(([name, value]) => (
        <div key={name}>
          <dt>{TILES[name]}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function sum<T>(rows: readonly T[], read: (row: T) => number): number {
  return rows.reduce((total, row) => total + read(row), 0);
}
