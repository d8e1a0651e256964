import type { Numbers } from '../api/api-types.js';
import { asCost, asCount, asSeconds, asShare, asShort } from './formats.js';
import { TILES } from './sentences.js';

/** The range in a few numbers. */
export function Tiles({ body }: { readonly body: Numbers }) {
  const { days, models, feedback, first_text_ms, conversation_length } = body;
  const turns = sum(days, (row) => row.turns);
  const up = sum(feedback, (row) => row.up);
  const votes = up + sum(feedback, (row) => row.down);
  const costs = models.flatMap(({ estimated_cost }) => (estimated_cost === null ? [] : [estimated_cost]));
  const cost = costs.length === 0 ? null : sum(costs, (each) => each);
  const tokens = sum(models, (row) => row.prompt_tokens + row.reply_tokens + row.replaced_tokens);
  const prompts = sum(models, (row) => row.prompt_tokens);
  const shown: readonly (readonly [name: keyof typeof TILES, value: string])[] = [
    ['turns', asCount(turns)],
    ['users', asCount(body.users)],
    ['conversations', asCount(body.conversations)],
    [
      'length',
      conversation_length
        ? `${asCount(conversation_length.p50)} · ${asCount(conversation_length.p95)}`
        : asCount(null),
    ],
    ['firstText', asSeconds(first_text_ms?.p50 ?? null)],
    ['tokens', asShort(tokens)],
    ['cache', asShare(prompts === 0 ? null : sum(models, (row) => row.cached_tokens) / prompts)],
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
