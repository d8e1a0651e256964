import {
  type APIActionRowComponent,
  type APIComponentInMessageActionRow,
  MessageFlags,
  type RESTPatchAPIChannelMessageJSONBody,
} from 'discord.js';
import { z } from 'zod';
import type { PartDraft } from '../../../src/ports/delivery/delivery.js';
import { controlRows } from './controls.js';
import { questionLine } from './shown-question.js';
import type { DiscordTarget } from './target.js';
import { CONTENT_LIMIT, toDiscordMarkdown } from './translation.js';

/** Of a message Discord answers with, what is read here. */
export const PostedMessage = z.object({
  id: z.string(),
  content: z.string(),
  components: z
    .array(z.object({ components: z.array(z.object({ custom_id: z.string().optional() })).optional() }))
    .default([]),
  interaction_metadata: z.object({ original_response_message_id: z.string().optional() }).optional(),
});
export type PostedMessage = z.infer<typeof PostedMessage>;

/** Nothing in a text of the model pings: Discord's default parses every mention, on each edit again. */
export const NO_MENTIONS = { parse: [], replied_user: false } as const;

export interface MessageContent extends RESTPatchAPIChannelMessageJSONBody {
  content: string;
  components: APIActionRowComponent<APIComponentInMessageActionRow>[];
}

/** A part as Discord's JSON; the same for creating and editing. */
export function partContent(
  part: PartDraft,
  { language, question }: Pick<DiscordTarget, 'language' | 'question'>,
): MessageContent {
  const above = question === undefined || part.index > 0 ? '' : questionLine(question);
  return {
    content: above + toDiscordMarkdown(part.text, part.footer, CONTENT_LIMIT - above.length),
    allowed_mentions: { parse: [], replied_user: false },
    components: controlRows(part, language),
    // A link that is still being written would be fetched and shown as a preview.
    flags: MessageFlags.SuppressEmbeds,
  };
}

/** Whether a message already looks like `wanted`: a nonce that was known gives back the message as it was. */
export function looksLike(message: PostedMessage, wanted: MessageContent): boolean {
  const ids = (rows: readonly { components?: readonly object[] | undefined }[]) =>
    rows.flatMap((row) =>
      (row.components ?? []).map((each) => ('custom_id' in each ? each.custom_id : null)),
    );
  const same = JSON.stringify(ids(message.components)) === JSON.stringify(ids(wanted.components));
  return same && message.content === wanted.content.trim();
}
