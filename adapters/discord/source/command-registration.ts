import { createHash } from 'node:crypto';
import {
  type APIApplicationCommandOption,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  InteractionContextType,
  Routes,
} from 'discord.js';
import type { CommandDefinition, CommandOption } from '../../../src/domain/commands.js';
import type { Clock } from '../../../src/ports/process/clock.js';
import type { Log } from '../../../src/ports/process/log.js';
import type { KeyValueStore } from '../../../src/ports/settings/key-value-store.js';
import { DiscordRefusal, type DiscordSender } from '../rest/sender.js';

/** The command in a message's context menu. */
const ABOUT_COMMAND = 'Ask about this message';

const EVERYWHERE = {
  integration_types: [ApplicationIntegrationType.GuildInstall, ApplicationIntegrationType.UserInstall],
  contexts: [
    InteractionContextType.Guild,
    InteractionContextType.BotDM,
    InteractionContextType.PrivateChannel,
  ],
};

/** Discord takes descriptions of up to 100 characters. */
const DESCRIPTION_LIMIT = 100;

/** The commands as Discord's JSON: usable in servers, direct messages and by people who installed the app. */
function discordCommands(commands: readonly CommandDefinition[]) {
  return [
    ...commands.map(({ name, description, options }) => ({
      type: ApplicationCommandType.ChatInput,
      name,
      description: description.slice(0, DESCRIPTION_LIMIT),
      // Discord wants the required ones first.
      options: [...options]
        .sort((a, b) => Number(b.required ?? false) - Number(a.required ?? false))
        .map(toOption),
      ...EVERYWHERE,
    })),
    {
      type: ApplicationCommandType.Message,
      name: ABOUT_COMMAND,
      name_localizations: { 'zh-CN': '询问这条消息', 'zh-TW': '詢問這則訊息' },
      ...EVERYWHERE,
    },
  ];
}

const TYPES = {
  text: ApplicationCommandOptionType.String,
  whole: ApplicationCommandOptionType.Integer,
  number: ApplicationCommandOptionType.Number,
  'yes-no': ApplicationCommandOptionType.Boolean,
} as const;

function toOption(option: CommandOption): APIApplicationCommandOption {
  const base = {
    name: option.name,
    description: option.description.slice(0, DESCRIPTION_LIMIT),
    required: option.required ?? false,
  };
  if (option.type === 'yes-no') return { ...base, type: TYPES['yes-no'] };
  if (option.type === 'text') {
    const { choices, suggest } = option;
    if (choices)
      return { ...base, type: TYPES.text, choices: choices.map((value) => ({ name: value, value })) };
    return suggest ? { ...base, type: TYPES.text, autocomplete: true } : { ...base, type: TYPES.text };
  }
  const range = {
    ...(option.min === undefined ? {} : { min_value: option.min }),
    ...(option.max === undefined ? {} : { max_value: option.max }),
  };
  return option.type === 'whole'
    ? { ...base, type: TYPES.whole, ...range }
    : { ...base, type: TYPES.number, ...range };
}

export interface RegistrationOptions {
  readonly sender: DiscordSender;
  readonly facts: KeyValueStore;
  readonly commands: readonly CommandDefinition[];
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

const WAITS_MS = [5_000, 30_000, 120_000, 600_000];

/** Tells Discord the commands where they are not the ones it was told last. Tries for a while; never throws. */
export async function registerCommands(applicationId: string, options: RegistrationOptions): Promise<void> {
  const { sender, facts, log, clock, signal } = options;
  const body = discordCommands(options.commands);
  const hash = createHash('sha256').update(JSON.stringify(body)).digest('hex');
  const key = `discord/${applicationId}/commands`;
  for (const wait of [...WAITS_MS, null]) {
    try {
      if ((await facts.get(key)) === hash) return;
      await sender.send({ method: 'PUT', route: Routes.applicationCommands(applicationId), body }, signal);
      await facts.set(key, hash);
      log.info({ commands: body.length }, 'Discord commands registered');
      return;
    } catch (error) {
      if (signal.aborted) return;
      log.warn({ err: error }, 'Discord commands could not be registered');
      const final = error instanceof DiscordRefusal && error.failure.reason !== 'unavailable';
      if (final || wait === null) return;
      await clock.sleep(wait, signal).catch(() => {});
    }
  }
}
