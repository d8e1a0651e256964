import {
  type APIInteraction,
  type APIModalInteractionResponseCallbackData,
  InteractionResponseType,
  MessageFlags,
  Routes,
} from 'discord.js';
import { splitReply } from '../../../src/pipeline/reply/split-reply.js';
import { NO_MENTIONS } from '../delivery/posted-message.js';
import { PART_LIMIT, toDiscordMarkdown } from '../delivery/translation.js';
import { DiscordRefusal, type DiscordSender } from '../rest/sender.js';

/** What became of an acknowledgement. `already`: an earlier delivery of the same event did it. */
export type Acknowledged = 'yes' | 'already' | 'too-late' | 'no';

/** An interaction's way to be answered; never logged, for the token is a credential. */
export type Answerable = Pick<APIInteraction, 'id' | 'token' | 'application_id'>;

/** Discord waits 3 s for an acknowledgement: a repetition after that is for nothing. */
const ACKNOWLEDGE_PATIENCE_MS = 2_000;
const ALREADY_ACKNOWLEDGED = 40060;

/** Acknowledges interactions and says short things about them. No bot token is needed. */
export class InteractionAnswers {
  readonly #sender: DiscordSender;
  readonly #signal: AbortSignal;

  constructor(sender: DiscordSender, signal: AbortSignal) {
    this.#sender = sender;
    this.#signal = signal;
  }

  /** "Thinking…", for everyone or for the person alone. */
  defer(interaction: Answerable, seenBy: 'everyone' | 'asker'): Promise<Acknowledged> {
    const data = seenBy === 'asker' ? { flags: MessageFlags.Ephemeral } : {};
    return this.#acknowledge(interaction, {
      type: InteractionResponseType.DeferredChannelMessageWithSource,
      data,
    });
  }

  /** For buttons: nothing changes yet. */
  deferUpdate(interaction: Answerable): Promise<Acknowledged> {
    return this.#acknowledge(interaction, { type: InteractionResponseType.DeferredMessageUpdate });
  }

  openModal(interaction: Answerable, data: APIModalInteractionResponseCallbackData): Promise<Acknowledged> {
    return this.#acknowledge(interaction, { type: InteractionResponseType.Modal, data });
  }

  /** At most 25 choices of at most 100 characters. */
  suggest(interaction: Answerable, values: readonly string[]): Promise<Acknowledged> {
    const choices = values
      .filter((value) => value.length <= 100)
      .slice(0, 25)
      .map((value) => ({ name: value, value }));
    const type = InteractionResponseType.ApplicationCommandAutocompleteResult;
    return this.#acknowledge(interaction, { type, data: { choices } });
  }

  /** Puts text where "thinking…" is; what is too long for one message follows it. */
  async settle(interaction: Answerable, text: string, seenBy: 'everyone' | 'asker'): Promise<void> {
    const [first = '…', ...rest] = splitReply(text, PART_LIMIT);
    const route = Routes.webhookMessage(interaction.application_id, interaction.token, '@original');
    await this.#send('PATCH', route, content(first));
    for (const piece of rest) await this.followUp(interaction, piece, seenBy);
  }

  /** Takes "thinking…" away. */
  async withdraw(interaction: Answerable): Promise<void> {
    await this.#send(
      'DELETE',
      Routes.webhookMessage(interaction.application_id, interaction.token, '@original'),
    );
  }

  async followUp(interaction: Answerable, text: string, seenBy: 'everyone' | 'asker'): Promise<void> {
    const flags =
      seenBy === 'asker' ? MessageFlags.Ephemeral | MessageFlags.SuppressEmbeds : MessageFlags.SuppressEmbeds;
    const route = Routes.webhook(interaction.application_id, interaction.token);
    for (const piece of splitReply(text, PART_LIMIT))
      await this.#send('POST', route, { ...content(piece), flags });
  }

  async #acknowledge({ id, token }: Answerable, body: object): Promise<Acknowledged> {
    const route = Routes.interactionCallback(id, token);
    try {
      await this.#sender.send(
        { method: 'POST', route, body, auth: false, patienceMs: ACKNOWLEDGE_PATIENCE_MS },
        this.#signal,
      );
      return 'yes';
    } catch (error) {
      if (!(error instanceof DiscordRefusal)) throw error;
      if (error.failure.code === ALREADY_ACKNOWLEDGED) return 'already';
      return error.failure.reason === 'token-expired' ? 'too-late' : 'no';
    }
  }

  async #send(method: 'POST' | 'PATCH' | 'DELETE', route: `/${string}`, body?: object): Promise<void> {
    const repeatable = method !== 'POST';
    await this.#sender.send(
      { method, route, auth: false, repeatable, ...(body === undefined ? {} : { body }) },
      this.#signal,
    );
  }
}

function content(text: string) {
  return { content: toDiscordMarkdown(text), allowed_mentions: NO_MENTIONS };
}
