import type pg from 'pg';
import type { StopStack } from '../../src/process/stop-stack.js';
import { maintain } from '../../src/storage/embedded/maintenance.js';
import type { BenchRow } from '../bench-row.js';
import { type BackendName, freshStorage, type Storage, withStops } from './backend.js';
import { compareTurns, type Rounds, type Side } from './compare-turns.js';
import { fillConversations, remember } from './stored-turns.js';

const LONG: Rounds = { rounds: 9, turns: 20 };
const SHORT: Rounds = { rounds: 5, turns: 10 };
/** Exchanges in the prompt of each conversation, whatever else it has stored. */
const PROMPT_TURNS = 10;
const WEEK_S = 7 * 86_400;
const DAY_S = 86_000;

/** What a turn costs the database, beside what is stored there already. */
export async function benchCostOfTurn(short: boolean): Promise<BenchRow[]> {
  const rounds = short ? SHORT : LONG;
  const rows: BenchRow[] = [];
  for (const name of ['embedded', 'servers'] as const)
    rows.push(...(await withStops((stops) => benchOn(name, rounds, stops))));
  return rows;
}

async function benchOn(name: BackendName, rounds: Rounds, stops: StopStack): Promise<BenchRow[]> {
  const [few, many] = [await freshStorage(name, stops), await freshStorage(name, stops)];
  const title = name === 'embedded' ? 'embedded' : 'PostgreSQL';
  const pools = [few.database.pool, many.database.pool];
  await fillConversations(few.database.pool, { name: 'place', conversations: 10, turns: 3, ageS: WEEK_S });
  await fillConversations(many.database.pool, {
    name: 'place',
    conversations: 100_000,
    turns: 3,
    ageS: WEEK_S,
  });
  for (const pool of pools) await maintain(pool);
  const places = await compareTurns(
    {
      name: `${title}, conversations`,
      base: { ...inPlaces(few, 10), name: '10' },
      subject: { ...inPlaces(many, 100_000), name: '100,000' },
    },
    rounds,
  );

  const { pool } = many.database;
  const perRound = Array.from({ length: rounds.rounds + 1 }, (_, i) => `ten${i}`);
  for (const each of perRound)
    await fillConversations(pool, { name: each, conversations: 1, turns: 10, ageS: WEEK_S });
  await fillConversations(pool, { name: 'thousand', conversations: 1, turns: 1_000, ageS: WEEK_S });
  await fillConversations(pool, { name: 'lakh', conversations: 1, turns: 100_000, ageS: WEEK_S });
  await fillConversations(pool, { name: 'busy', conversations: 50, turns: 200, ageS: DAY_S, author: 'busy' });
  await maintain(pool);
  const ten: Side = {
    name: '10 stored',
    storage: many,
    turn: (i) => ({ channel: `ten${Math.floor(i / rounds.turns)}-1`, author: `ada-${i}` }),
  };
  const long = (storage: Storage, channel: string, label: string): Side => ({
    name: label,
    storage,
    turn: (i) => ({ channel, author: `bob-${i}` }),
  });
  const stored = [];
  for (const [channel, label] of [
    ['thousand-1', '1,000 stored'],
    ['lakh-1', '100,000 stored'],
  ] as const) {
    const prepare = () => remember(pool, channel, PROMPT_TURNS);
    const subject = long(many, channel, label);
    stored.push(...(await compareTurns({ name: `${title}, messages`, base: ten, subject, prepare }, rounds)));
  }
  return [
    ...places,
    ...stored,
    ...(await benchHistory(title, many, pool, rounds)),
    ...(await benchAuthor(title, many, rounds)),
  ];
}

/** The longest history that a prompt reads. */
async function benchHistory(
  title: string,
  storage: Storage,
  pool: pg.Pool,
  rounds: Rounds,
): Promise<BenchRow[]> {
  const side = (channel: string, name: string): Side => ({
    name,
    storage,
    turn: (i) => ({ channel, author: `cid-${i}` }),
  });
  const prepare = async () => {
    for (const channel of ['thousand-1', 'lakh-1']) await remember(pool, channel, 100_000);
  };
  return compareTurns(
    {
      name: `${title}, no window yet`,
      base: side('thousand-1', '1,000 stored'),
      subject: side('lakh-1', '100,000 stored'),
      prepare,
    },
    rounds,
  );
}

/** Limits look at what an author did within a day. */
async function benchAuthor(title: string, storage: Storage, rounds: Rounds): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const countsTokens of [false, true]) {
    const by = (author: string, name: string): Side => ({
      name,
      storage,
      turn: (i) => ({ channel: `place-${i + 1}`, author, countsTokens }),
    });
    const compared = await compareTurns(
      {
        name: `${title}, author${countsTokens ? ' with a limit of tokens' : ''}`,
        base: by('newcomer', 'few turns of the day'),
        subject: by('busy', '10,000 turns of the day'),
      },
      rounds,
    );
    rows.push(...compared);
  }
  return rows;
}

/** Turns spread over all conversations, each by its own author. */
function inPlaces(storage: Storage, count: number): Omit<Side, 'name'> {
  return {
    storage,
    turn: (i) => {
      const place = ((i * 7_919) % count) + 1;
      return { channel: `place-${place}`, author: `place-author-${place}` };
    },
  };
}
