import type {
  DayNumbers,
  Numbers,
  NumbersQuery,
  OutcomeNumbers,
  PlatformDay,
  Spread,
  TokenCounts,
} from '../../ports/numbers/numbers.js';
import type { PrismaClient } from '../generated/client.js';
import { valueOfBucket } from './day-facts.js';
import { numberDays } from './number-days.js';
import {
  countPeople,
  daysBefore,
  readChoices,
  readLengths,
  readPeople,
  readSpreads,
  readSums,
  readTotals,
  type SpreadRow,
  type SumRow,
  type TotalsRow,
} from './numbers-queries.js';

/** Days counted from their turns where they are not added up yet: more come only while the roll-up is behind. */
const MOST_OPEN_DAYS = 3;

/** Reads sums of days that are over, and counts the others from their turns, by the same statement that adds up. */
export async function readNumbers(prisma: PrismaClient, query: NumbersQuery): Promise<Numbers> {
  const [known] = await prisma.$queryRaw<{ rolled: string | null; next: string; recent: string }[]>`
    SELECT max(day)::text AS rolled, (max(day) + 1)::text AS next,
           ((clock_timestamp() AT TIME ZONE 'UTC')::date - ${MOST_OPEN_DAYS - 1}::int)::text AS recent
    FROM numbers_day`;
  const rolledUpTo = known?.rolled ?? null;
  const openFrom = (from: string) => latest([from, known?.next ?? from, known?.recent ?? from]);
  const daysOf = (asked: Pick<NumbersQuery, 'from' | 'to'>) =>
    numberDays(asked, rolledUpTo, openFrom(asked.from));
  const [days, before] = [daysOf(query), daysOf(daysBefore(query))];
  const [totals, sums, spreads, users, lengths, choices, people] = await Promise.all([
    readTotals(prisma, query, days),
    readSums(prisma, query, days),
    readSpreads(prisma, query, days),
    countPeople(prisma, query, days),
    readLengths(prisma, query, { inRange: days, before }),
    readChoices(prisma, days),
    query.names ? readPeople(prisma, query, days) : null,
  ]);
  const { conversations, p50, p95 } = lengths;
  return {
    rolledUpTo,
    users,
    conversations,
    conversationLength: p50 === null || p95 === null ? null : { p50, p95 },
    ...fromTotals(totals, query.platform),
    ...fromSums(sums),
    spreads: fromSpreads(spreads),
    choices,
    people: people?.map(({ author_key: key, ...person }) => ({ key, ...person })) ?? null,
  };
}

function latest(days: readonly string[]): string {
  return days.reduce((late, day) => (day > late ? day : late));
}

function fromTotals(rows: readonly TotalsRow[], chosen: string | null): Pick<Numbers, 'days' | 'platforms'> {
  const days: DayNumbers[] = [];
  const platforms: PlatformDay[] = [];
  for (const row of rows) {
    const { day, platform, turns, failed, users, conversations } = row;
    if (platform !== '*') platforms.push({ day, platform, turns, users });
    if (platform !== (chosen ?? '*')) continue;
    days.push({
      ...{ day, turns, failed, users, conversations },
      tokens: tokens(row),
      tokensPerSecond: speed(row),
      firstTokenMs: spread(row.first_token_p50, row.first_token_p95),
      firstTextMs: spread(row.first_text_p50, row.first_text_p95),
      conversationTurns: spread(row.conversation_p50, row.conversation_p95),
    });
  }
  return { days, platforms };
}

function fromSums(sums: readonly SumRow[]): Pick<Numbers, 'models' | 'outcomes' | 'feedback'> {
  return {
    models: sums.flatMap((row) =>
      row.model === null || row.persona !== null
        ? []
        : [{ model: row.model, turns: row.turns, tokens: tokens(row), tokensPerSecond: speed(row) }],
    ),
    outcomes: sums.flatMap((row) => (row.outcome === null ? [] : [outcome(row.outcome, row.turns)])),
    feedback: sums.flatMap(({ model, persona, up, down }) =>
      model === null || persona === null || up + down === 0 ? [] : [{ model, persona, up, down }],
    ),
  };
}

function fromSpreads(rows: readonly SpreadRow[]): Numbers['spreads'] {
  const read = (measure: string) => {
    const row = rows.find((each) => each.measure === measure);
    return spread(row?.p50 ?? null, row?.p95 ?? null);
  };
  return {
    firstTokenMs: read('first_token_ms'),
    firstTextMs: read('first_text_ms'),
    conversationTurns: read('conversation_turns'),
  };
}

/** @param p50 - a bucket, as is p95 */
function spread(p50: number | null, p95: number | null): Spread | null {
  if (p50 === null || p95 === null) return null;
  return { p50: Math.round(valueOfBucket(p50)), p95: Math.round(valueOfBucket(p95)) };
}

function tokens({ prompt, cached, reply, replaced }: TotalsRow | SumRow): TokenCounts {
  return { prompt, cached, reply, replaced };
}

function speed({ timed_tokens, timed_ms }: TotalsRow | SumRow): number | null {
  return timed_ms > 0 ? (timed_tokens * 1000) / timed_ms : null;
}

function outcome(stored: string, turns: number): OutcomeNumbers {
  const [name = '', kind = null] = stored.split('/');
  return { outcome: name as OutcomeNumbers['outcome'], kind, turns };
}
