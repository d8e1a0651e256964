import type { Platform } from '../../domain/address.js';

/** Which installation: a workspace that let an app in. */
export interface InstallationKey {
  readonly platform: Platform;
  /** The bot's own identity on the platform, as in addresses. */
  readonly app: string;
  /** Slack: team id `T…`; the enterprise id `E…` where a whole organisation installed the app. */
  readonly workspace: string;
}

/** A workspace that let the bot in, and what it takes to act there. */
export interface Installation extends InstallationKey {
  /** What people call the workspace. */
  readonly name: string;
  /** The bot's token there: for this workspace, and no other. */
  readonly token: string;
  /** Read by the platform's adapter alone. No secrets. */
  readonly details: { readonly [key: string]: unknown };
  readonly installedAt: Date;
}

/**
 * Installations of the bot, for every process that acts in them. Tokens are encrypted where they lie.
 *
 * Every method throws {ExpectedFailure} `setup`, retryable, where the store is out of reach.
 */
export interface InstallationStore {
  /** Keeps an installation, in place of an earlier one of the same key. */
  save(installation: Omit<Installation, 'installedAt'>): Promise<void>;
  /** @throws {ExpectedFailure} `setup` where the token cannot be decrypted */
  find(key: InstallationKey): Promise<Installation | null>;
  /** Every installation of a platform, whether or not its token can be decrypted. */
  list(platform: Platform): Promise<readonly InstallationKey[]>;
  /** Forgets an installation, unless it was made anew after `madeUntil`. False where nothing was forgotten. */
  remove(key: InstallationKey, madeUntil: Date): Promise<boolean>;
  /** Encrypts with the newest key what was encrypted with an older one that is still here. Returns how many. */
  renewEncryption(): Promise<number>;
}
