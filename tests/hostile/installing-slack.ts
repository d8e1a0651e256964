import { createHmac } from 'node:crypto';
import { createSlackAdapter, type SlackAdapter } from '../../adapters/slack/create-slack-adapter.js';
import { Installations } from '../../adapters/slack/workspaces/installations.js';
import type {
  Installation,
  InstallationKey,
  InstallationStore,
} from '../../src/ports/settings/installation-store.js';
import { systemClock } from '../../src/process/system-clock.js';
import { RecordedLog } from '../doubles/recorders/recorded-log.js';
import { RecordingInbox } from '../doubles/recorders/recording-inbox.js';
import { SlackDouble } from '../doubles/slack/slack-double.js';

export const STATE_SECRET = 'MARKED-SECRET-of-states';
const COOKIE = 'slack-app-oauth-state';

/** Installations in memory: what was kept shows at once. */
class KeptInstallations implements InstallationStore {
  readonly all: Omit<Installation, 'installedAt'>[] = [];

  async save(installation: Omit<Installation, 'installedAt'>): Promise<void> {
    this.all.push(installation);
  }
  async find(): Promise<Installation | null> {
    return null;
  }
  async list(): Promise<readonly InstallationKey[]> {
    return this.all;
  }
  async remove(): Promise<boolean> {
    return false;
  }
  async renewEncryption(): Promise<number> {
    return 0;
  }
}

/** A browser on its way through an installation. */
export interface Browser {
  /** Where the app sent it. */
  readonly page: string;
  readonly state: string;
}

export interface Answered {
  readonly status: number;
  readonly headers: string;
  readonly text: string;
}

/** The app that several workspaces install, with two workspaces and browsers. */
export class Installing {
  readonly kept = new KeptInstallations();
  readonly log = new RecordedLog();
  readonly slack: SlackDouble;
  readonly other: SlackDouble;
  readonly #adapter: SlackAdapter;

  private constructor(slack: SlackDouble) {
    this.slack = slack;
    this.other = slack.addWorkspace('Globex');
    const { kept: store, log } = this;
    const clock = systemClock;
    const api = { apiUrl: slack.apiUrl, log };
    this.#adapter = createSlackAdapter({
      ...api,
      installations: new Installations({ store, api, abandon: async () => {}, clock, log }),
      oauth: { ...slack.client, stateSecret: STATE_SECRET, mayInstall: 'everyone' },
      receiver: { mode: 'http', signingSecret: slack.signingSecret, port: 0, host: '127.0.0.1' },
      ...new RecordingInbox().ports,
      commands: [],
      admins: [],
      clock,
    });
  }

  static async open(): Promise<Installing> {
    const installing = new Installing(await SlackDouble.start({ rates: false }));
    await installing.#adapter.start();
    return installing;
  }

  async stop(): Promise<void> {
    await this.#adapter.stop();
    await this.slack.stop();
  }

  get url(): string {
    return `http://127.0.0.1:${this.#adapter.status().port}`;
  }

  /** What nobody may read in an answer or a log line. */
  get secrets(): readonly string[] {
    return [STATE_SECRET, this.slack.client.clientSecret, ...this.slack.issued, ...this.other.issued];
  }

  async begin(): Promise<Browser> {
    const { headers } = await fetch(`${this.url}/slack/install`, { redirect: 'manual' });
    const page = headers.get('location') ?? '';
    return { page, state: new URL(page).searchParams.get('state') ?? '' };
  }

  /** A person comes back from Slack. @param query - as it stands in the address */
  async comeBack(query: string, cookie: string): Promise<Answered> {
    const response = await fetch(`${this.url}/slack/oauth_redirect?${query}`, {
      headers: cookie === '' ? {} : { cookie },
      redirect: 'manual',
      signal: AbortSignal.timeout(20_000),
    });
    const headers = JSON.stringify([...response.headers].filter(([name]) => name !== 'date'));
    return { status: response.status, headers, text: await response.text() };
  }

  /** Forgets what happened, so that the next input is judged alone. */
  clear(): void {
    this.kept.all.length = 0;
    this.log.lines.length = 0;
  }
}

export function cookieOf(state: string): string {
  return `${COOKIE}=${state}`;
}

/** A state as the app makes them: a JSON Web Token. */
export function signedState(
  claims: object,
  secret: string,
  header: object = { alg: 'HS256', typ: 'JWT' },
): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part(header)}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}
