import { App } from '@slack/bolt';
import type { CommandDefinition } from '../../src/domain/commands.js';
import { ExpectedFailure } from '../../src/domain/failure.js';
import { type BackOff, backOff } from '../../src/domain/time/back-off.js';
import type { PlatformStanding } from '../../src/ports/fleet/platform-reports.js';
import type { Clock } from '../../src/ports/process/clock.js';
import type { Log } from '../../src/ports/process/log.js';
import type { Metrics } from '../../src/ports/telemetry/metrics.js';
import type { Inbox } from '../../src/ports/turns/inbox.js';
import type { PlatformChanges } from '../../src/ports/turns/platform-changes.js';
import type { PlatformLookup } from '../../src/ports/turns/platform-lookup.js';
import type { TurnActions } from '../../src/ports/turns/turn-actions.js';
import { type SlackApiOptions, sdkLogger, slackClient, slackClientOptions } from './client/slack-client.js';
import { HttpEvents } from './source/http-receiver.js';
import { readOrigin } from './source/slack-origin.js';
import { SlackSource } from './source/slack-source.js';
import { SocketReceiver } from './source/socket-receiver.js';
import type { Installations } from './workspaces/installations.js';
import { INSTALL_PATH, oauthInstaller, type SlackOAuthOptions } from './workspaces/oauth-installer.js';
import { oneWorkspace } from './workspaces/one-workspace.js';
import { severalWorkspaces } from './workspaces/several-workspaces.js';
import type { SlackAccess } from './workspaces/slack-access.js';

/** Events come to a port that Slack reaches, at /slack/events. */
interface HttpReceiverOptions {
  readonly mode: 'http';
  readonly signingSecret: string;
  readonly port: number;
  readonly host?: string;
}

interface OneWorkspaceOptions {
  /** `xoxb-…` */
  readonly botToken: string;
  /** How events come: over a socket that we open, or over HTTP. */
  readonly receiver: { readonly mode: 'socket'; readonly appToken: string } | HttpReceiverOptions;
}

interface SeveralWorkspacesOptions {
  readonly installations: Installations;
  readonly oauth: SlackOAuthOptions;
  readonly receiver: HttpReceiverOptions;
}

export type SlackAdapterOptions = SharedOptions & (OneWorkspaceOptions | SeveralWorkspacesOptions);

interface SharedOptions {
  /** Base of the Web API. Default: Slack's own. */
  readonly apiUrl?: string;
  readonly inbox: Inbox;
  readonly lookup: PlatformLookup;
  readonly actions: TurnActions;
  readonly changes: PlatformChanges;
  readonly commands: readonly CommandDefinition[];
  /** Who may change settings of channels, and stop or repeat the replies of others: user ids. */
  readonly admins: 'everyone' | readonly string[];
  /** Messages older than this when they first reach us are not answered, in ms. Default: however old. */
  readonly staleAfterMs?: number;
  /** Longest wait for one answer of Slack, in ms. Default 15,000. */
  readonly timeoutMs?: number;
  readonly log: Log;
  /** Default: nothing is counted. */
  readonly metrics?: Metrics;
  readonly clock: Clock;
}

interface SlackStatus {
  /** `unauthorized`: Slack refuses a token, and only a person can mend it. */
  readonly state: 'stopped' | 'connecting' | 'connected' | 'unauthorized';
  /** One sentence for an operator. */
  readonly detail: string;
  /** HTTP: the port that takes events; 0 otherwise. */
  readonly port: number;
}

export interface SlackAdapter {
  /**
   * Connects, and resolves when connected, or when it is clear that this takes a while: it goes on trying.
   *
   * @throws {ExpectedFailure} `setup`, where the port is taken
   */
  start(): Promise<void>;
  /** Takes no more events and ends within some seconds. May be called twice. */
  stop(): Promise<void>;
  status(): SlackStatus;
  /** @throws {ExpectedFailure} `setup`, retryable, where it cannot be known yet */
  standing(): Promise<PlatformStanding>;
}

/** `start` does not wait longer than this for Slack. */
const START_PATIENCE_MS = 10_000;
const RETRY: BackOff = { firstMs: 1_000, lastMs: 60_000 };

/** Hands what people say on Slack to the inbox. Replies go out by `createSlackDelivery`, from any process. */
export function createSlackAdapter(options: SlackAdapterOptions): SlackAdapter {
  return new BoltAdapter(options);
}

class BoltAdapter implements SlackAdapter {
  readonly #options: SlackAdapterOptions;
  readonly #app: App;
  readonly #receiver: SocketReceiver | HttpEvents;
  readonly #source: SlackSource;
  readonly #access: SlackAccess;
  readonly #stopped = new AbortController();
  #connected: () => void = () => {};
  readonly #ready: Promise<void>;
  #status: Pick<SlackStatus, 'state' | 'detail'> = { state: 'stopped', detail: 'not started' };
  #stopping: Promise<void> | null = null;

  constructor(options: SlackAdapterOptions) {
    this.#options = options;
    this.#ready = new Promise((resolve) => {
      this.#connected = resolve;
    });
    const { log, clock } = options;
    const api = this.#api();
    this.#access =
      'botToken' in options
        ? oneWorkspace(options.botToken, api, (code) => this.#dead('SLACK_BOT_TOKEN', code))
        : severalWorkspaces(options.installations, api);
    const access = this.#access;
    this.#receiver = this.#createReceiver();
    this.#app = new App({
      receiver: this.#receiver,
      // Each event is answered with the token of the installation it belongs to.
      authorize: async (_source, body) => ({ ...(await access.authorize(readOrigin(body))) }),
      clientOptions: slackClientOptions(api),
      logger: sdkLogger(log),
      convoStore: false,
    });
    this.#app.error(async (error) => {
      throw error; // to the receiver, which does not acknowledge then
    });
    this.#source = new SlackSource({
      inbox: options.inbox,
      lookup: options.lookup,
      actions: options.actions,
      changes: options.changes,
      commands: options.commands,
      admins: options.admins,
      staleAfterMs: options.staleAfterMs,
      access,
      clock,
      log,
      signal: this.#stopped.signal,
    });
    this.#source.listen(this.#app);
  }

  async start(): Promise<void> {
    if (this.#status.state !== 'stopped' || this.#stopped.signal.aborted) return;
    this.#status = { state: 'connecting', detail: 'connecting to Slack' };
    // Before we know who we are: what comes is refused until then, and Slack delivers it again.
    if (this.#receiver instanceof HttpEvents) await this.#receiver.start();
    const patience = new AbortController();
    const late = this.#options.clock.sleep(START_PATIENCE_MS, patience.signal).catch(() => {});
    await Promise.race([Promise.all([this.#introduce(), this.#ready]), late]);
    patience.abort();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  status(): SlackStatus {
    return { ...this.#status, port: this.#receiver instanceof HttpEvents ? this.#receiver.port : 0 };
  }

  standing(): Promise<PlatformStanding> {
    return this.#access.standing();
  }

  async #stop(): Promise<void> {
    this.#stopped.abort();
    await this.#receiver.stop();
    await this.#source.settled();
    this.#status = { state: 'stopped', detail: 'stopped' };
  }

  #api(): SlackApiOptions {
    const { apiUrl, log, metrics, timeoutMs } = this.#options;
    return { apiUrl, log, metrics, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
  }

  #createReceiver(): SocketReceiver | HttpEvents {
    const { receiver, clock, log } = this.#options;
    if (receiver.mode === 'http')
      return new HttpEvents({ ...receiver, install: this.#installer(), clock, log, logger: sdkLogger(log) });
    return new SocketReceiver({
      client: slackClient(receiver.appToken, this.#api()),
      clock,
      log,
      onConnections: (open) => this.#onConnections(open),
      onRefused: (code) => this.#dead('SLACK_APP_TOKEN', code),
    });
  }

  #installer() {
    const options = this.#options;
    return 'oauth' in options ? oauthInstaller(options.oauth, options.installations, this.#api()) : {};
  }

  /** Asks who we are, until that is known; then events can be read. */
  async #introduce(): Promise<void> {
    for (let failures = 1; !this.#stopped.signal.aborted; failures++) {
      try {
        const whom = await this.#access.introduce();
        this.#options.log.info({ team: whom }, 'Slack knows the bot');
        if (this.#receiver instanceof SocketReceiver) await this.#receiver.start();
        else this.#connect(`taking events on port ${this.#receiver.port}${this.#ofWhom(whom)}`);
        return;
      } catch (error) {
        if (!(error instanceof ExpectedFailure)) throw error;
        if (!error.retryable) return;
        this.#options.log.warn({ error }, 'Slack is out of reach: trying again');
        await this.#options.clock.sleep(backOff(RETRY, failures), this.#stopped.signal).catch(() => {});
      }
    }
  }

  #ofWhom(whom: string): string {
    return 'oauth' in this.#options ? ` of ${whom}; more can install the app at ${INSTALL_PATH}` : '';
  }

  #onConnections(open: number): void {
    if (this.#status.state === 'unauthorized' || this.#stopped.signal.aborted) return;
    if (open > 0) this.#connect('connected by Socket Mode');
    else this.#status = { state: 'connecting', detail: 'no Socket Mode connection: trying again' };
  }

  #connect(detail: string): void {
    if (this.#status.state === 'unauthorized') return;
    this.#status = { state: 'connected', detail };
    this.#connected();
  }

  #dead(variable: string, code: string): void {
    const detail = `Slack refuses ${variable} (${code}): install the app again and set the new token`;
    if (this.#status.state !== 'unauthorized') this.#options.log.error({ code, variable }, detail);
    this.#status = { state: 'unauthorized', detail };
    this.#connected();
  }
}
