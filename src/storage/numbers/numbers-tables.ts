import { Prisma } from '../generated/client.js';

/** A table of the roll-up that holds days, and months that are over. */
export interface NumbersTable {
  readonly name: Prisma.Sql;
  /** What `dayFacts` calls the same of days that are not added up. */
  readonly facts: Prisma.Sql;
  /** What a row is of, beside its day. */
  readonly keys: Prisma.Sql;
  /** What can be added up over days. */
  readonly sums: readonly Prisma.Sql[];
}

function table(name: string, keys: string, sums: readonly string[]): NumbersTable {
  return {
    name: Prisma.raw(`numbers_${name}`),
    facts: Prisma.raw(`${name}_facts`),
    keys: Prisma.raw(keys),
    sums: sums.map((column) => Prisma.raw(column)),
  };
}

const TOKENS = ['prompt_tokens', 'cached_tokens', 'reply_tokens', 'replaced_tokens'];

export const TURNS = table('turns', 'platform, model, persona, outcome', [
  ...['turns', ...TOKENS],
  ...['timed_tokens', 'timed_ms', 'up', 'down'],
]);
export const PEOPLE = table('people', 'platform, model, author_key', ['turns', 'tokens']);
export const CONVERSATIONS = table('conversations', 'platform, model, conversation_id', ['turns']);
export const SPREAD = table('spread', 'platform, model, measure, bucket', ['amount']);
export const MONTHLY_TABLES = [TURNS, PEOPLE, CONVERSATIONS, SPREAD];

/** `day, …`, in the order of the facts. */
export function columnsOf({ keys, sums }: NumbersTable): Prisma.Sql {
  return Prisma.sql`day, ${keys}, ${Prisma.join([...sums])}`;
}

/** What a day was in all, by platform and model: never added up over days. */
export const TOTALS_COLUMNS = Prisma.raw(
  [
    ...['day', 'platform', 'model', 'turns', 'failed', 'users', 'conversations', ...TOKENS],
    ...['timed_tokens', 'timed_ms', 'first_token_p50', 'first_token_p95', 'first_text_p50', 'first_text_p95'],
    ...['conversation_p50', 'conversation_p95'],
  ].join(', '),
);
