import type {
  APIApplicationCommandInteraction,
  APIApplicationCommandInteractionDataOption,
  APIInteraction,
  APIMessage,
  APIModalSubmitInteraction,
  InteractionType,
} from 'discord.js';
import type { Address } from '../../../src/domain/address.js';
import type { CommandDefinition, CommandValues } from '../../../src/domain/commands.js';
import type { Clock } from '../../../src/ports/process/clock.js';
import type { Log } from '../../../src/ports/process/log.js';
import type { Acceptance, CommandReply, Inbox } from '../../../src/ports/turns/inbox.js';
import { ACCEPT_PATIENCE_MS, patiently } from '../catch-up/patience.js';
import { sentencesIn } from '../delivery/sentences.js';
import { shownQuestion } from '../delivery/shown-question.js';
import type { BotIdentity } from '../gateway/shard-memory.js';
import { aboutModal, readAboutModal } from './about-message.js';
import type { Acknowledged, InteractionAnswers } from './interaction-answers.js';
import {
  authorOf,
  botMayPost,
  channelTarget,
  interactionKey,
  interactionTarget,
  languageOfPerson,
  mayManage,
} from './interaction-facts.js';
import type { Places } from './places.js';

export interface CommandUsesOptions {
  readonly inbox: Inbox;
  readonly commands: readonly CommandDefinition[];
  readonly places: Places;
  readonly answers: InteractionAnswers;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

type Option = APIApplicationCommandInteractionDataOption<InteractionType.ApplicationCommand>;
type Audience = 'everyone' | 'asker';

/** Slash commands, and the question about a message. */
export class CommandUses {
  readonly #options: CommandUsesOptions;

  constructor(options: CommandUsesOptions) {
    this.#options = options;
  }

  async slash(
    interaction: APIApplicationCommandInteraction,
    use: { readonly name: string; readonly options: readonly Option[] },
  ): Promise<void> {
    const { commands, answers, inbox } = this.#options;
    const seenBy: Audience = use.name === 'ask' ? 'everyone' : 'asker';
    const acknowledged = await answers.defer(interaction, seenBy);
    const values = valuesOf(use.options);
    const definition = commands.find(({ name }) => name === use.name);
    if (!definition) {
      // Discord shows the commands of an earlier version until its registration is read again.
      const say = sentencesIn(languageOfPerson(interaction));
      if (acknowledged !== 'too-late') await answers.followUp(interaction, say.unknownCommand, 'asker');
      return;
    }
    await this.#carryOut(interaction, acknowledged, seenBy, definition.name === 'ask', (place) =>
      inbox.command({
        name: definition.name,
        values,
        address: place.address,
        author: authorOf(interaction),
        mayManage: mayManage(interaction),
        message: { key: interactionKey(interaction), target: withQuestion(place.target, values['question']) },
      }),
    );
  }

  /** The modal is the acknowledgement. */
  async openAbout(
    interaction: APIApplicationCommandInteraction,
    message: APIMessage | undefined,
    bot: BotIdentity,
  ): Promise<void> {
    if (!message) return;
    const names = this.#options.places.names();
    const modal = aboutModal(message, bot.userId, names, languageOfPerson(interaction));
    await this.#options.answers.openModal(interaction, modal);
  }

  async submitAbout(interaction: APIModalSubmitInteraction): Promise<void> {
    const { answers, inbox } = this.#options;
    const acknowledged = await answers.defer(interaction, 'everyone');
    const about = readAboutModal(
      interaction.data.custom_id,
      fieldsOf(interaction),
      languageOfPerson(interaction),
    );
    if (!about) return;
    await this.#carryOut(interaction, acknowledged, 'everyone', true, async (place) => ({
      type: 'turn',
      acceptance: await inbox.accept({
        key: interactionKey(interaction),
        author: authorOf(interaction),
        address: place.address,
        target: withQuestion(place.target, about.text),
        ...about,
      }),
    }));
  }

  /** @param asks - the reply of a turn takes the place of "thinking…" */
  async #carryOut(
    interaction: APIInteraction,
    acknowledged: Acknowledged,
    seenBy: Audience,
    asks: boolean,
    work: (place: Place) => Promise<CommandReply>,
  ): Promise<void> {
    const { clock, signal, log } = this.#options;
    const place = this.#place(interaction, acknowledged, asks);
    if (!place) {
      log.warn(
        { interactionId: interaction.id, acknowledged },
        'a Discord interaction came too late to be answered',
      );
      return;
    }
    const inTime = acknowledged === 'yes' || acknowledged === 'already';
    const tell = async (text: string, audience: Audience) => {
      if (inTime) await this.#tell(interaction, seenBy, audience, text);
    };
    try {
      const reply = await patiently(() => work(place), clock.now() + ACCEPT_PATIENCE_MS, clock, signal);
      if (reply.type === 'notice') return await tell(reply.text, reply.audience);
      const { acceptance } = reply;
      if (acceptance.type === 'refused') return await tellRefusal(acceptance, tell);
      if (!asks && inTime) await this.#options.answers.withdraw(interaction);
    } catch (error) {
      signal.throwIfAborted();
      log.error({ err: error, interactionId: interaction.id }, 'a Discord command failed');
      await tell(sentencesIn(languageOfPerson(interaction)).notTaken, 'asker');
    }
  }

  #place(interaction: APIInteraction, acknowledged: Acknowledged, asks: boolean): Place | null {
    const { channel } = interaction;
    const address = this.#options.places.addressOfInteraction(interaction);
    if (!channel || !address) return null;
    if (acknowledged === 'yes' || acknowledged === 'already') {
      return { address, target: interactionTarget(interaction, channel.id) };
    }
    // Discord no longer listens for an answer to the interaction: a question is answered in the channel.
    return asks && botMayPost(interaction)
      ? { address, target: channelTarget(interaction, channel.id) }
      : null;
  }

  async #tell(
    interaction: APIInteraction,
    deferredFor: Audience,
    audience: Audience,
    text: string,
  ): Promise<void> {
    const { answers } = this.#options;
    if (deferredFor === audience) return answers.settle(interaction, text, audience);
    // What was deferred for one audience cannot be shown to the other.
    await answers.withdraw(interaction);
    await answers.followUp(interaction, text, audience);
  }
}

interface Place {
  readonly address: Address;
  readonly target: ReturnType<typeof interactionTarget> | ReturnType<typeof channelTarget>;
}

function withQuestion(target: Place['target'], question: unknown): Place['target'] {
  return question === undefined ? target : { ...target, question: shownQuestion(String(question)) };
}

async function tellRefusal(
  refusal: Extract<Acceptance, { type: 'refused' }>,
  tell: (text: string, audience: Audience) => Promise<void>,
): Promise<void> {
  if (refusal.repeated !== true) await tell(refusal.text, 'asker');
}

function valuesOf(options: readonly Option[]): CommandValues {
  return Object.fromEntries(
    options.flatMap((option) => ('value' in option ? [[option.name, option.value]] : [])),
  );
}

function fieldsOf({ data }: APIModalSubmitInteraction): ReadonlyMap<string, string> {
  const fields = data.components.flatMap((row) => ('components' in row ? row.components : []));
  return new Map(
    fields.flatMap((field) => ('value' in field ? [[field.custom_id, String(field.value)]] : [])),
  );
}
