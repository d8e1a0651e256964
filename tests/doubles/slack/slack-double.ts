import { PATIENCE_MS } from '../patience.js';
import type { ApiCall, Fault } from './api-server.js';
import { BotAccess, type Door } from './bot-access.js';
import type { Delivery } from './event-delivery.js';
import { MethodRates } from './method-rates.js';
import { changeEvent } from './payloads.js';
import { SlackPeople } from './slack-people.js';
import { SlackService } from './slack-service.js';
import { WebApi } from './web-api.js';
import {
  type Change,
  type Channel,
  type EphemeralMessage,
  type Json,
  type Message,
  type Person,
  shownText,
  Workspace,
  type WorkspaceIdentity,
} from './workspace.js';

export interface SlackDoubleOptions {
  /** chat.startStream and its companions exist. Default true. */
  readonly native?: boolean;
  /** agents.sessions.setStatus exists. Default true. */
  readonly agents?: boolean;
  /** assistant.threads.setStatus exists. Default true. */
  readonly assistant?: boolean;
  /** Limits per method are enforced. Default true. */
  readonly rates?: boolean;
  /** Time of the workspace, in ms since 1970. Default: the machine's. */
  readonly now?: () => number;
  /** How long Slack waits for an acknowledgement. Default 3,000 ms, as Slack. */
  readonly ackTimeoutMs?: number;
  /** Default: Slack's own, a thousand times faster. */
  readonly retryDelaysMs?: readonly number[];
}

/**
 * A Slack workspace with one app in it, for tests: the Web API over HTTP, Socket Mode over WebSocket, and the Events
 * API to an HTTP receiver once `eventsUrl` is set. Acts as its people, and remembers all that happened.
 */
export class SlackDouble extends SlackPeople {
  readonly workspace: Workspace;
  readonly ephemerals: EphemeralMessage[] = [];
  /** Tokens of this app expire, as the app's settings may have it. */
  rotateTokens = false;
  readonly #service: SlackService;
  readonly #options: SlackDoubleOptions;
  readonly #api: WebApi;
  readonly #door: Door;
  /** Every token that was ever this workspace's. */
  readonly issued = new Set<string>();
  #access: BotAccess | null = null;
  #botToken = '';

  private constructor(service: SlackService, options: SlackDoubleOptions, identity?: WorkspaceIdentity) {
    super();
    this.#service = service;
    this.#options = options;
    this.workspace = new Workspace(service.now, (change) => this.#echo(change), identity);
    this.#api = new WebApi({
      workspace: this.workspace,
      native: options.native ?? true,
      agents: options.agents ?? true,
      assistant: options.assistant ?? true,
      onEphemeral: (message) => this.ephemerals.push(message),
    });
    const rates = (options.rates ?? true) ? new MethodRates(service.now) : null;
    this.#door = { workspace: this.workspace, api: this.#api, rates };
  }

  /** Starts a workspace that has installed the app: `botToken` is good. */
  static async start(options: SlackDoubleOptions = {}): Promise<SlackDouble> {
    const double = new SlackDouble(new SlackService(options), options);
    double.#admit('xoxb-test-bot-token', new BotAccess([double.#door]));
    await double.#service.server.start();
    return double;
  }

  /** Another workspace on the same Slack, in which the app is not installed yet. */
  addWorkspace(name: string, enterprise?: string): SlackDouble {
    const mark = `0${name.toUpperCase()}`;
    const identity = { mark, name, ...(enterprise === undefined ? {} : { enterprise }) };
    return new SlackDouble(this.#service, this.#options, identity);
  }

  /** Stops Slack, with all its workspaces. */
  stop(): Promise<void> {
    return this.#service.stop();
  }

  get botToken(): string {
    return this.#botToken;
  }

  get appToken(): string {
    return this.#service.appToken;
  }

  get signingSecret(): string {
    return this.#service.signingSecret;
  }

  /** Client id and secret of the app. */
  get client(): { readonly clientId: string; readonly clientSecret: string } {
    return this.#service.oauth;
  }

  get socket(): SlackService['socket'] {
    return this.#service.socket;
  }

  /** Where events go over HTTP; null: over Socket Mode. */
  get eventsUrl(): string | null {
    return this.#service.eventsUrl;
  }

  set eventsUrl(url: string | null) {
    this.#service.eventsUrl = url;
  }

  /** For `SLACK_API_URL`. */
  get apiUrl(): string {
    return `http://127.0.0.1:${this.#service.server.port}/api/`;
  }

  /** Calls into every workspace. */
  get calls(): readonly ApiCall[] {
    return this.#service.server.calls;
  }

  get deliveries(): readonly Delivery[] {
    return this.#service.events.deliveries;
  }

  /** Where the app may answer what people did, as they were given to it. */
  get responseAddresses(): readonly string[] {
    return [...this.#service.responses.keys()].map((id) => this.#responseAddress(id));
  }

  callsTo(method: string): readonly ApiCall[] {
    return this.calls.filter((call) => call.method === method);
  }

  /** What bot tokens may do; null: Slack does not say. */
  set scopes(scopes: readonly string[] | null) {
    this.#service.server.scopes = scopes;
  }

  /** The next `times` calls of `method` meet `fault`. */
  fail(method: string, fault: Fault, times = 1): void {
    this.#service.server.fail(method, fault, times);
  }

  /**
   * A person of this workspace agrees on Slack's page to install the app: for the workspace, or for an organisation
   * with these.
   *
   * @param page - where the app sent the person
   * @returns where Slack sends the person back to, as the query of the redirect
   */
  agreeToInstall(page: string, organisation: readonly SlackDouble[] = []): URLSearchParams {
    const url = new URL(page);
    if (url.origin !== new URL(this.apiUrl).origin || url.pathname !== '/oauth/v2/authorize')
      throw new Error(`${page} is not Slack's page`);
    if (url.searchParams.get('client_id') !== this.client.clientId) throw new Error('another app');
    const install = () => this.#install(organisation);
    const code = this.#service.oauth.agree({ scope: url.searchParams.get('scope') ?? '', install });
    return new URLSearchParams({ code, state: url.searchParams.get('state') ?? '' });
  }

  /** A person removes the app from the workspace, or the organisation: its token is dead, and the app is told. */
  uninstall(): void {
    this.revokeToken('account_inactive');
    this.event({ type: 'app_uninstalled' });
    this.event({ type: 'tokens_revoked', tokens: { oauth: [], bot: [this.workspace.bot.id] } });
  }

  /** Every further call of the bot token fails: `token_revoked`, `account_inactive`, … Null mends it. */
  revokeToken(code: string | null = 'token_revoked'): void {
    if (this.#access) this.#access.revoked = code;
  }

  /** The bot's messages in a channel and its threads, oldest first. */
  botMessages(channel: Channel): readonly Message[] {
    return this.workspace
      .messages(channel.id)
      .filter((message) => message.botId === this.workspace.bot.botId);
  }

  /** What people read in the bot's messages, oldest first. */
  shown(channel: Channel): readonly string[] {
    return this.botMessages(channel).map(shownText);
  }

  /** The status beside the bot's name in a thread. */
  status(channel: Channel, thread: string): string {
    return this.#api.status(channel.id, thread);
  }

  /** The lifecycle status of an agent session; empty where there is none. */
  sessionStatus(channel: Channel, thread: string): string {
    return this.#api.sessions.get(`${channel.id}/${thread}`) ?? '';
  }

  /** Resolves once nothing is being delivered. */
  delivered(): Promise<void> {
    return this.#service.events.settled();
  }

  /**
   * Resolves with what `find` gives as soon as that is neither undefined, null nor false; asked again whenever
   * something happens here.
   */
  waitFor<T>(find: () => T | undefined | null | false, timeoutMs = PATIENCE_MS): Promise<T> {
    return this.#service.watchers.waitFor(find, timeoutMs, () => {
      const calls = this.calls.slice(-20).map((call) => `${call.method}: ${call.result}`);
      return `Slack saw nothing of this in ${timeoutMs} ms; last calls: ${calls.join(', ')}`;
    });
  }

  protected deliver(kind: Delivery['kind'], payload: Json): Delivery {
    return this.#service.events.deliver(kind, payload);
  }

  #admit(token: string, access: BotAccess): void {
    this.#botToken = token;
    this.issued.add(token);
    this.#access = access;
    this.#service.admit(token, access);
  }

  #install(organisation: readonly SlackDouble[]): Json {
    const everyone = organisation.length > 0 ? organisation : [this];
    const org = organisation.length > 0;
    const { bot, enterprise, name, teamId } = this.workspace;
    const token = `xoxb-${org ? enterprise : teamId}-${this.workspace.id('')}`;
    const access = new BotAccess(everyone.map((double) => double.#door));
    for (const double of everyone) {
      double.#admit(token, access);
      double.workspace.orgInstalled = org;
    }
    return {
      access_token: token,
      bot_user_id: bot.id,
      team: org ? null : { id: teamId, name },
      enterprise: enterprise === null ? null : { id: enterprise, name: `${name} Inc` },
      is_enterprise_install: org,
      authed_user: { id: 'U0INSTALLER' },
      ...(this.rotateTokens ? { refresh_token: 'xoxe-1', expires_in: 43_200 } : {}),
    };
  }

  /** Slack tells the app of its own posts too, and of every change. */
  #echo(change: Change): void {
    const { message } = change;
    const own = message.botId === this.workspace.bot.botId;
    const member = this.workspace.isMember(message.channel, this.workspace.bot.id);
    // `say` sends the events of what people post.
    if (member && (own || change.type !== 'posted')) this.event(changeEvent(this.workspace, change));
    this.#service.watchers.changed();
  }

  protected responseUrl(person: Person, channel: string): string {
    const id = this.workspace.id('response-');
    let uses = 5;
    this.#service.responses.set(id, (body) => {
      if (uses === 0) return false;
      uses -= 1;
      this.#answered(person, channel, body);
      return true;
    });
    return this.#responseAddress(id);
  }

  #responseAddress(id: string): string {
    return `http://127.0.0.1:${this.#service.server.port}/response/${id}`;
  }

  #answered(person: Person, channel: string, body: Json): void {
    this.ephemerals.push({
      channel,
      user: person.id,
      text: String(body['text'] ?? ''),
      via: 'response-url',
      inChannel: body['response_type'] === 'in_channel',
    });
    this.#service.watchers.changed();
  }
}
