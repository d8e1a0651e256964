import { type Arguments, optionalText } from './method-arguments.js';
import type { MethodRates } from './method-rates.js';
import type { WebApi } from './web-api.js';
import type { Workspace } from './workspace.js';

/** What the app may do in one workspace. */
export interface Door {
  readonly workspace: Workspace;
  readonly api: WebApi;
  readonly rates: MethodRates | null;
}

/** What one bot token opens: a workspace, or all of an organisation that share it. */
export class BotAccess {
  readonly doors: readonly Door[];
  /** The code with which every call fails; null while the token is good. */
  revoked: string | null = null;

  constructor(doors: readonly Door[]) {
    this.doors = doors;
  }

  /** The workspace that a call is about: that of its channel, or else the first. */
  doorOf(args: Arguments): Door | undefined {
    const channel = optionalText(args, 'channel') ?? optionalText(args, 'channel_id') ?? '';
    return this.doors.find(({ workspace }) => workspace.channels.has(channel)) ?? this.doors[0];
  }
}
