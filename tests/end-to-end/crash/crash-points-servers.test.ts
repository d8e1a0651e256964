import { expect, test } from 'vitest';
import { expectMostReached } from '../../crash-points/expect-most-reached.js';
import { formatStrikes } from '../../crash-points/format-strikes.js';
import { strikeEverywhere } from '../../crash-points/strike-everywhere.js';
import { testServers } from '../../fixtures/test-servers.js';

const ALL = process.env['CRASH_POINTS'] === 'all';
/** What platforms and models are told is the same on the embedded database, where each of their steps is struck. */
const OF_THE_SERVERS = /^[→←] (?:PostgreSQL|Redis): /;

test.skipIf(testServers() === null)(
  'on servers: killed at any step of a message’s way, it is answered once',
  { timeout: 3_600_000 },
  async () => {
    const which = (label: string) => Boolean(process.env['TEST_LONG']) || OF_THE_SERVERS.test(label);
    const result = await strikeEverywhere({ storage: 'servers', lanes: 3, all: ALL, which });
    process.stdout.write(`${await formatStrikes(result)}\n`);
    expect(result.verdicts.flatMap(({ verdict }) => verdict.findings)).toEqual([]);
    expectMostReached(result);
  },
);
