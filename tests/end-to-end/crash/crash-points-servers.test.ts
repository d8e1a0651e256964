import { expect, test } from 'vitest';
import { expectMostReached } from '../../crash-points/expect-most-reached.js';
import { formatStrikes } from '../../crash-points/format-strikes.js';
import { strikeEverywhere } from '../../crash-points/strike-everywhere.js';
import { testServers } from '../fleet/parley-fleet.js';

const ALL = process.env['CRASH_POINTS'] === 'all';

test.skipIf(testServers() === null)(
  'on servers: killed at any step of a message’s way, it is answered once',
  { timeout: 3_600_000 },
  async () => {
    const result = await strikeEverywhere({ storage: 'servers', lanes: 3, all: ALL });
    process.stdout.write(`${await formatStrikes(result)}\n`);
    expect(result.verdicts.flatMap(({ verdict }) => verdict.findings)).toEqual([]);
    expectMostReached(result);
  },
);
