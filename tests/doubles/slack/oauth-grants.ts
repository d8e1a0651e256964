import { ApiError, type Arguments } from './method-arguments.js';
import type { Json } from './workspace.js';

/** What a person agreed to. */
export interface Grant {
  readonly scope: string;
  /** Mints the token, once the code is redeemed. */
  readonly install: () => Json;
}

/** Slack's OAuth: codes for what people agreed to, each good once. */
export class OAuthGrants {
  readonly clientId = '1111.2222';
  readonly clientSecret = 'test-client-secret';
  readonly #appId: string;
  readonly #grants = new Map<string, Grant>();
  #codes = 0;

  constructor(appId: string) {
    this.#appId = appId;
  }

  /** @returns the code that Slack gives the browser to take along */
  agree(grant: Grant): string {
    this.#codes += 1;
    const code = `code-${this.#codes}`;
    this.#grants.set(code, grant);
    return code;
  }

  /** oauth.v2.access */
  redeem(args: Arguments): Json {
    if (args['client_id'] !== this.clientId) throw new ApiError('invalid_client_id');
    if (args['client_secret'] !== this.clientSecret) throw new ApiError('bad_client_secret');
    const code = String(args['code']);
    const grant = this.#grants.get(code);
    if (!grant) throw new ApiError('invalid_code');
    this.#grants.delete(code);
    return { app_id: this.#appId, token_type: 'bot', scope: grant.scope, ...grant.install() };
  }
}
