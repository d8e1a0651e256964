import { Watchers } from '../watchers.js';
import { ApiServer } from './api-server.js';
import type { BotAccess } from './bot-access.js';
import { EventDelivery } from './event-delivery.js';
import { ApiError, type Arguments } from './method-arguments.js';
import { OAuthGrants } from './oauth-grants.js';
import type { SlackDoubleOptions } from './slack-double.js';
import { SocketModeServer } from './socket-mode-server.js';
import type { Json } from './workspace.js';

export const APP_ID = 'A0PARLEY';

/** Slack's side of one app, whatever workspaces installed it: servers, tokens, and the events on their way. */
export class SlackService {
  readonly appToken = 'xapp-test-app-token';
  readonly signingSecret = 'test-signing-secret';
  readonly now: () => number;
  readonly socket: SocketModeServer;
  readonly server: ApiServer;
  readonly events: EventDelivery;
  readonly oauth: OAuthGrants;
  readonly watchers = new Watchers();
  /** Where events go over HTTP; null: over Socket Mode. */
  eventsUrl: string | null = null;
  /** What the app answered at a response address: true where the address is known and still good. */
  readonly responses = new Map<string, (body: Json) => boolean>();
  readonly #access = new Map<string, BotAccess>();

  constructor(options: SlackDoubleOptions) {
    this.now = options.now ?? Date.now;
    const changed = () => this.watchers.changed();
    this.socket = new SocketModeServer({
      ackTimeoutMs: options.ackTimeoutMs ?? 3_000,
      appId: APP_ID,
      onChange: changed,
    });
    this.oauth = new OAuthGrants(APP_ID);
    this.server = new ApiServer({
      now: this.now,
      access: (token) => this.#access.get(token),
      call: (method, args, token) => this.#call(method, args, token),
      respond: (id, body) => this.responses.get(id)?.(body) ?? false,
      upgrade: (request, socket, head) => this.socket.upgrade(request, socket, head),
      onCall: changed,
    });
    this.events = new EventDelivery({
      socket: this.socket,
      signingSecret: this.signingSecret,
      url: () => this.eventsUrl,
      retryDelaysMs: options.retryDelaysMs ?? [0, 60, 300],
      httpTimeoutMs: options.ackTimeoutMs ?? 3_000,
      onChange: changed,
    });
  }

  /** Makes a token good. */
  admit(token: string, access: BotAccess): void {
    this.#access.set(token, access);
  }

  async stop(): Promise<void> {
    this.socket.stop();
    await this.events.stop();
    await this.server.stop();
  }

  /** Methods that are no bot's, or no workspace's. */
  #call(method: string, args: Arguments, token: string): Json | null {
    if (method === 'oauth.v2.access') return this.oauth.redeem(args);
    if (token === '') throw new ApiError('not_authed');
    if (method !== 'apps.connections.open') return null;
    if (token !== this.appToken)
      throw new ApiError(this.#access.has(token) ? 'not_allowed_token_type' : 'invalid_auth');
    return { url: `ws://127.0.0.1:${this.server.port}/link?ticket=${this.socket.ticket()}` };
  }
}
