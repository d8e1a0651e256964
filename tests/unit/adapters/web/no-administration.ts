import type { Administration } from '../../../../adapters/web/admin/add-admin-routes.js';
import { localReports } from '../../../../src/exchange/local-reports.js';
import { FakeClock } from '../../../doubles/clocks/fake-clock.js';
import { ScriptedBot } from './scripted-bot.js';

const unused = async (): Promise<never> => {
  throw new Error('this test asks for no such thing');
};

/** An administration for tests of one of its parts, which they bring themselves. */
export function noAdministration(): Administration {
  const { lookup, actions, turnStore: turns, models } = new ScriptedBot();
  return {
    ...{ lookup, actions, turns },
    reports: localReports(new FakeClock()),
    platforms: [],
    personas: [],
    limits: { turnsPerMinute: null, tokensPerDay: null },
    router: { models: () => models },
    listing: { counts: unused, page: unused },
    users: { page: unused },
    usage: { recent: unused },
    memory: { forgetAuthor: unused },
    apiKeys: { list: unused, make: unused, change: unused, revoke: unused },
    places: { page: unused, find: unused, ofTurn: unused },
    settings: { read: unused, change: unused, clear: unused, clearUnused: unused },
  };
}
