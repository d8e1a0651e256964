import {
  type APIMessage,
  type APIModalInteractionResponseCallbackData,
  ComponentType,
  TextInputStyle,
} from 'discord.js';
import type { Language } from '../../../src/domain/settings.js';
import type { Quote } from '../../../src/domain/turn.js';
import { sentencesIn } from '../delivery/sentences.js';
import { shorten } from '../delivery/translation.js';
import { type Names, nameOf, quoteFrom, readText } from './heard-message.js';

const PREFIX = 'parley:about:';
const ID_LIMIT = 100;
/** Longest value of a text field. */
const FIELD_LIMIT = 4000;

/**
 * The modal that asks for the question. It carries the message and its author along, so that whoever takes the
 * answer, after a restart too, needs no memory of it and no right to read it again.
 */
export function aboutModal(
  message: APIMessage,
  botId: string,
  names: Names,
  language: Language,
): APIModalInteractionResponseCallbackData {
  const say = sentencesIn(language);
  const text = shorten(readText(message, botId, names), FIELD_LIMIT);
  return {
    custom_id: shorten(`${PREFIX}${message.author.id}:${message.id}:${nameOf(message.author)}`, ID_LIMIT),
    title: say.aboutTitle,
    components: [
      field({
        custom_id: 'question',
        label: say.aboutQuestion,
        required: false,
        placeholder: say.aboutDefault,
      }),
      field({
        custom_id: 'message',
        label: say.aboutMessage,
        required: true,
        value: text === '' ? '…' : text,
      }),
    ],
  };
}

/** @returns null for a modal that is not this one */
export function readAboutModal(
  customId: string,
  fields: ReadonlyMap<string, string>,
  language: Language,
): { readonly text: string; readonly quoted: Quote } | null {
  const [, authorId, messageId, author] = /^parley:about:(\d+):(\d+):(.*)$/s.exec(customId) ?? [];
  if (authorId === undefined || messageId === undefined || author === undefined) return null;
  const question = fields.get('question')?.trim() ?? '';
  return {
    text: question === '' ? sentencesIn(language).aboutDefault : question,
    quoted: quoteFrom(authorId, messageId, author, fields.get('message') ?? ''),
  };
}

interface Field {
  readonly custom_id: string;
  readonly label: string;
  readonly required: boolean;
  readonly placeholder?: string;
  readonly value?: string;
}

function field(input: Field) {
  return {
    type: ComponentType.ActionRow as const,
    components: [
      {
        type: ComponentType.TextInput as const,
        style: TextInputStyle.Paragraph,
        max_length: FIELD_LIMIT,
        ...input,
      },
    ],
  };
}
