import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { ExpectedFailure } from '../../../src/domain/failure.js';
import { HOUR_MS } from '../../../src/domain/time/duration.js';
import type { DeliveryTarget } from '../../../src/domain/turn.js';
import type { PlatformStanding } from '../../../src/ports/fleet/platform-reports.js';
import type { Clock } from '../../../src/ports/process/clock.js';
import type { Log } from '../../../src/ports/process/log.js';
import type {
  Installation,
  InstallationKey,
  InstallationStore,
} from '../../../src/ports/settings/installation-store.js';
import { attemptCall } from '../client/attempt-call.js';
import { type SlackApiOptions, slackClient } from '../client/slack-client.js';
import type { SlackOrigin } from '../client/slack-ids.js';
import { missingScopes } from './scopes.js';

export interface InstallationsOptions {
  readonly store: InstallationStore;
  readonly api: SlackApiOptions;
  /** Ends the turns of a workspace that the bot was put out of: `Inbox.abandon`. */
  readonly abandon: (target: DeliveryTarget) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

/** The bot in one workspace, or organisation, that installed the app. */
export interface SlackInstallation {
  readonly token: string;
  readonly botUserId: string;
  readonly botId: string;
  readonly installedAt: Date;
}

/** What another process has changed is seen after this long. */
const KNOWN_FOR_MS = 30_000;
/** Codes that no token recovers from. With others the operator may have done something wrong, which can be mended. */
const OVER: ReadonlySet<string> = new Set(['account_inactive', 'token_revoked']);

/** What a workspace lets the bot do seldom changes. */
const ASK_SCOPES_MS = HOUR_MS;
/** Sentences on what is missing: an app that asks for too little lacks it everywhere. */
const MOST_MISSING = 50;

const DETAILS = z.object({ botUserId: z.string(), botId: z.string() });

/** The installations of all workspaces, for every call that needs one. Those in use are remembered for a moment. */
export class Installations {
  readonly #options: InstallationsOptions;
  readonly #known = new LRUCache<string, { readonly at: number; readonly found: SlackInstallation }>({
    max: 5_000,
  });

  readonly #asked = new LRUCache<string, { readonly at: number; readonly missing: readonly string[] }>({
    max: 5_000,
  });

  constructor(options: InstallationsOptions) {
    this.#options = options;
  }

  /**
   * The installation that something belongs to; null where there is none.
   *
   * @throws {ExpectedFailure} `setup`, retryable: the store is out of reach, or this process lacks the key
   */
  async find(origin: SlackOrigin): Promise<SlackInstallation | null> {
    const known = this.#known.get(nameOf(origin));
    if (known && this.#options.clock.now() - known.at < KNOWN_FOR_MS) return known.found;
    return this.#read(origin);
  }

  /** @throws {ExpectedFailure} as `find`; `delivery-failed`, `unauthorized`, where there is none */
  async token(origin: SlackOrigin): Promise<string> {
    const found = await this.find(origin);
    if (found) return found.token;
    const message = `the Slack app is not installed in ${installationOf(origin)}`;
    throw new ExpectedFailure('delivery-failed', message, { reason: 'unauthorized' });
  }

  async save(installation: Omit<Installation, 'installedAt' | 'platform'>): Promise<void> {
    await this.#options.store.save({ ...installation, platform: 'slack' });
    for (const known of [this.#known, this.#asked]) known.delete(rowOf(installation));
  }

  /** Encrypts with the newest key, and counts. */
  async prepare(): Promise<{ readonly workspaces: number; readonly renewed: number }> {
    const { store } = this.#options;
    const renewed = await store.renewEncryption();
    return { workspaces: (await store.list('slack')).length, renewed };
  }

  /** How many there are, and what the bot may not do in them: of one of them at a call, Slack is asked once an hour. */
  async standing(): Promise<PlatformStanding> {
    const { clock, store } = this.#options;
    const all = await store.list('slack');
    const due = all.find((key) => clock.now() - (this.#asked.get(rowOf(key))?.at ?? 0) >= ASK_SCOPES_MS);
    if (due) await this.#askScopes(due);
    const missing = all.flatMap((key) => this.#asked.get(rowOf(key))?.missing ?? []);
    return { reach: all.length, missing: missing.slice(0, MOST_MISSING) };
  }

  async #askScopes(key: InstallationKey): Promise<void> {
    const { api, clock, store } = this.#options;
    const at = clock.now();
    this.#asked.set(rowOf(key), { at, missing: [] });
    const row = await store.find(key);
    if (!row) return;
    const client = slackClient(row.token, api);
    const test = await attemptCall(() => client.auth.test(), new AbortController().signal);
    if (!test.ok) return;
    const scopes = test.value.response_metadata?.scopes ?? null;
    this.#asked.set(rowOf(key), { at, missing: missingScopes(scopes, row.name || key.workspace) });
  }

  /**
   * The app was uninstalled there at `at`, or its token revoked: the installation is forgotten, unless it is younger,
   * and its turns end.
   */
  async left(origin: SlackOrigin, at: Date): Promise<void> {
    const { store, abandon, log } = this.#options;
    const key = keyOf(origin);
    const removed = await store.remove(key, at);
    this.#known.delete(nameOf(origin));
    // Where an earlier try failed half-way, there is nothing to remove and still something to end.
    const gone = removed || !(await store.list('slack')).some((each) => isSame(each, key));
    if (!gone) return log.info({ workspace: key.workspace }, 'a Slack workspace installed the app anew');
    await abandon(targetOf(origin));
    if (removed) log.info({ workspace: key.workspace }, 'a Slack workspace removed the app');
  }

  /**
   * Slack refused the token of this installation. Looks whether there is a newer one; forgets it where it is dead for
   * good.
   *
   * @returns true where another try may succeed
   */
  async refused(origin: SlackOrigin): Promise<boolean> {
    const used = this.#known.get(nameOf(origin))?.found;
    const stored = await this.#read(origin);
    if (!stored) return false;
    if (used && used.token !== stored.token) return true;
    const client = slackClient(stored.token, this.#options.api);
    const test = await attemptCall(() => client.auth.test(), new AbortController().signal);
    if (test.ok) return true;
    if (test.failure.type === 'refused' && OVER.has(test.failure.code))
      await this.left(origin, stored.installedAt);
    return false;
  }

  async #read(origin: SlackOrigin): Promise<SlackInstallation | null> {
    const { clock, log, store } = this.#options;
    this.#known.delete(nameOf(origin));
    try {
      const row = await store.find(keyOf(origin));
      if (!row) return null;
      const { token, installedAt } = row;
      const found = { token, installedAt, ...DETAILS.parse(row.details) };
      this.#known.set(nameOf(origin), { at: clock.now(), found });
      return found;
    } catch (error) {
      if (!(error instanceof ExpectedFailure) || error.retryable) throw error;
      log.error({ workspace: installationOf(origin) }, error.message);
      // Another process may have the key.
      throw new ExpectedFailure('setup', error.message, { retryable: true, cause: error });
    }
  }
}

/** Under which id the token of a place is kept: its team's, or that of the organisation that installed the app. */
function installationOf({ team, installation }: SlackOrigin): string {
  return installation ?? team;
}

function keyOf(origin: SlackOrigin): InstallationKey {
  return { platform: 'slack', app: origin.app, workspace: installationOf(origin) };
}

function nameOf(origin: SlackOrigin): string {
  return `${origin.app}/${installationOf(origin)}`;
}

function rowOf({ app, workspace }: Pick<InstallationKey, 'app' | 'workspace'>): string {
  return `${app}/${workspace}`;
}

function isSame(one: InstallationKey, other: InstallationKey): boolean {
  return one.app === other.app && one.workspace === other.workspace;
}

/** What the targets of all turns of an installation hold. */
function targetOf({ app, team, installation }: SlackOrigin): DeliveryTarget {
  const whose = installation === undefined ? { team } : { installation };
  return { platform: 'slack', app, ...whose };
}
