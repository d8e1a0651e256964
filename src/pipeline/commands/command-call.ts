import type { CommandDefinition } from '../../domain/commands.js';
import type { Persona } from '../../domain/persona.js';
import type { EffectiveSettings, Language } from '../../domain/settings.js';
import type { ConversationId, IncomingMessage, TurnId } from '../../domain/turn.js';
import type { MemoryStore } from '../../ports/memory/memory-store.js';
import type { ModelRouter } from '../../ports/models/model-router.js';
import type { Clock } from '../../ports/process/clock.js';
import type { SettingsStore } from '../../ports/settings/settings-store.js';
import type { Acceptance, Actor, CommandInvocation, CommandReply } from '../../ports/turns/inbox.js';
import type { Regeneration } from '../../ports/turns/turn-actions.js';
import type { TurnLookup } from '../../ports/turns/turn-lookup.js';
import type { UsageStore } from '../../ports/turns/usage-store.js';
import type { CommandPhrases } from './command-phrases.js';

export interface CommandDeps {
  readonly definitions: readonly CommandDefinition[];
  readonly turns: Pick<TurnLookup, 'unfinished' | 'latest'>;
  readonly memory: MemoryStore;
  readonly settings: SettingsStore;
  readonly usage: UsageStore;
  readonly router: Pick<ModelRouter, 'models' | 'has'>;
  readonly personas: ReadonlyMap<string, Persona>;
  readonly clock: Clock;
  /** Whether this person may change settings here. */
  mayChange(actor: Actor): boolean;
  accept(message: IncomingMessage): Promise<Acceptance>;
  stop(turnId: TurnId): Promise<boolean>;
  regenerate(turnId: TurnId, language: Language): Promise<Regeneration>;
}

/** A command as its handler sees it. */
export interface CommandCall {
  readonly invocation: CommandInvocation;
  readonly inForce: EffectiveSettings;
  readonly language: Language;
  readonly say: CommandPhrases;
  readonly mayChange: boolean;
  /** The asker's conversation here; null where nothing was said yet. */
  conversation(): Promise<ConversationId | null>;
}

export function notice(text: string, audience: 'asker' | 'everyone' = 'asker'): CommandReply {
  return { type: 'notice', text, audience };
}
