import { LRUCache } from 'lru-cache';
import { type SlackApiOptions, workspaceClient } from '../client/slack-client.js';
import { originKey, type SlackOrigin } from '../client/slack-ids.js';
import type { Installations } from './installations.js';
import { People } from './people.js';
import { NotInstalled, type SlackAccess, type SlackWorkspace } from './slack-access.js';

/** Workspaces whose clients and names of people are kept. */
const WORKSPACES = 1_000;

/** All workspaces that installed the app. */
export function severalWorkspaces(installations: Installations, api: SlackApiOptions): SlackAccess {
  const { log } = api;
  const known = new LRUCache<string, SlackWorkspace>({ max: WORKSPACES });
  return {
    async introduce() {
      const { workspaces, renewed } = await installations.prepare();
      if (renewed > 0) log.info({ renewed }, 'Slack tokens encrypted with the newest key');
      return workspaces === 1 ? '1 workspace' : `${workspaces} workspaces`;
    },

    async authorize(origin) {
      const found = origin && (await installations.find(origin));
      if (!found) throw new NotInstalled(`the Slack app is not installed in ${origin?.team ?? 'this place'}`);
      const { token: botToken, botUserId, botId } = found;
      return { botToken, botUserId, botId };
    },

    workspaceOf(origin: SlackOrigin) {
      const key = originKey(origin);
      const there = known.get(key);
      if (there) return there;
      const client = workspaceClient(() => installations.token(origin), api);
      const workspace = { client, people: new People(client, log) };
      known.set(key, workspace);
      return workspace;
    },

    standing: () => installations.standing(),

    async uninstalled({ origin, at, ofBot }) {
      if (origin && ofBot) await installations.left(origin, at);
    },
  };
}
