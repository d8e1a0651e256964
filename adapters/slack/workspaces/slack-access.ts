import type { WebClient } from '@slack/web-api';
import type { PlatformStanding } from '../../../src/ports/fleet/platform-reports.js';
import type { SlackOrigin } from '../client/slack-ids.js';
import type { People } from './people.js';

/** The app was uninstalled, or tokens of it were revoked. */
export interface Uninstalled {
  readonly event: 'app_uninstalled' | 'tokens_revoked';
  readonly origin: SlackOrigin | null;
  /** No installation made after this is meant. */
  readonly at: Date;
  /** False where the tokens were people's, and none was the bot's. */
  readonly ofBot: boolean;
}

/** What the bot acts with in one workspace. */
export interface SlackWorkspace {
  readonly client: WebClient;
  readonly people: People;
}

/** Who the bot is in a workspace. */
export interface BotIdentity {
  readonly botToken: string;
  readonly botUserId: string;
  readonly botId: string;
}

/** Nobody let the bot into this workspace, or not any more: what comes from there is not for us. */
export class NotInstalled extends Error {
  override readonly name = 'NotInstalled';
}

/** The workspaces that a bot works in: one, whose token the operator gave, or all that installed the app. */
export interface SlackAccess {
  /**
   * Finds out whom it works for. Resolves with a few words for an operator.
   *
   * @throws {ExpectedFailure} `setup`: `unauthorized` where the token is dead, retryable where it cannot be known yet
   */
  introduce(): Promise<string>;

  /**
   * Who the bot is where something happened; null where that is not told.
   *
   * @throws {NotInstalled}
   * @throws {ExpectedFailure} `setup`
   */
  authorize(origin: SlackOrigin | null): Promise<BotIdentity>;

  workspaceOf(origin: SlackOrigin): SlackWorkspace;

  /**
   * How many workspaces it works in, and what it may not do there.
   *
   * @throws {ExpectedFailure} `setup`, retryable, where that cannot be known yet
   */
  standing(): Promise<PlatformStanding>;

  uninstalled(what: Uninstalled): Promise<void>;
}
