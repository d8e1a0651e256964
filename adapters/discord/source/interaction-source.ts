import {
  type APIApplicationCommandAutocompleteInteraction,
  type APIInteraction,
  ApplicationCommandType,
  InteractionType,
} from 'discord.js';
import { LRUCache } from 'lru-cache';
import type { CommandDefinition } from '../../../src/domain/commands.js';
import type { Clock } from '../../../src/ports/process/clock.js';
import type { Log } from '../../../src/ports/process/log.js';
import type { Inbox } from '../../../src/ports/turns/inbox.js';
import type { BotIdentity } from '../gateway/shard-memory.js';
import type { CommandUses } from './command-uses.js';
import type { ControlPresses } from './control-presses.js';
import type { InteractionAnswers } from './interaction-answers.js';

export interface InteractionSourceOptions {
  readonly inbox: Pick<Inbox, 'suggest'>;
  readonly commands: readonly CommandDefinition[];
  readonly uses: CommandUses;
  readonly presses: ControlPresses;
  readonly answers: InteractionAnswers;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Discord waits 3 s for suggestions; an empty list in time is better than an error. */
const SUGGEST_PATIENCE_MS = 1_500;

/** Takes interactions. Each is acknowledged before anything else is awaited. */
export class InteractionSource {
  readonly #options: InteractionSourceOptions;
  /** Discord may send one twice, and the library tells nobody. */
  readonly #seen = new LRUCache<string, true>({ max: 5_000 });
  readonly #running = new Set<Promise<void>>();

  constructor(options: InteractionSourceOptions) {
    this.#options = options;
  }

  /** @returns a promise that is fulfilled once the interaction was handled, and fails where the process stopped first */
  async received(interaction: APIInteraction, bot: BotIdentity): Promise<void> {
    if (this.#seen.has(interaction.id)) return;
    this.#seen.set(interaction.id, true);
    const { signal, log } = this.#options;
    const work = this.#handle(interaction, bot).catch((error: unknown) => {
      if (signal.aborted) return;
      log.error(
        { err: error, interactionId: interaction.id, type: interaction.type },
        'a Discord interaction was not handled',
      );
    });
    this.#running.add(work);
    await work;
    this.#running.delete(work);
    signal.throwIfAborted();
  }

  /** Resolves when everything begun so far has ended. */
  async idle(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #handle(interaction: APIInteraction, bot: BotIdentity): Promise<void> {
    const { uses, presses } = this.#options;
    switch (interaction.type) {
      case InteractionType.ApplicationCommand: {
        const { data } = interaction;
        if (data.type === ApplicationCommandType.ChatInput) {
          return uses.slash(interaction, { name: data.name, options: data.options ?? [] });
        }
        if (data.type !== ApplicationCommandType.Message) return;
        return uses.openAbout(interaction, data.resolved.messages[data.target_id], bot);
      }
      case InteractionType.ApplicationCommandAutocomplete:
        return this.#suggest(interaction);
      case InteractionType.MessageComponent:
        return presses.pressed(interaction);
      case InteractionType.ModalSubmit:
        return uses.submitAbout(interaction);
      default:
    }
  }

  async #suggest(interaction: APIApplicationCommandAutocompleteInteraction): Promise<void> {
    const { inbox, answers, commands, clock, log, signal } = this.#options;
    const { name, options = [] } = interaction.data;
    const typing = options.find((option) => 'focused' in option && option.focused === true);
    const definition = commands.find((command) => command.name === name);
    const kind = definition?.options.find((option) => option.name === typing?.name)?.suggest;
    const typed = typing && 'value' in typing ? String(typing.value) : '';
    const looked = kind === undefined ? Promise.resolve([]) : inbox.suggest(kind, typed);
    const values = await Promise.race([
      looked,
      clock.sleep(SUGGEST_PATIENCE_MS, signal).then(() => []),
    ]).catch((error: unknown) => {
      log.warn({ err: error }, 'no suggestions could be made');
      return [];
    });
    await answers.suggest(interaction, values);
  }
}
