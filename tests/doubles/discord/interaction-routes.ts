import { z } from 'zod';
import { ApiError } from './api-error.js';
import type { Call, Routes } from './call.js';
import { pingsOf } from './mentions.js';
import { applyEdit, checkContent, MessageBody, numbered } from './message-routes.js';
import { renderMessage } from './render.js';
import type { DoubleInteraction, DoubleMessage } from './world.js';

const TOKEN_MS = 15 * 60_000;
const USER_INSTALL_FOLLOW_UPS = 5;
const EPHEMERAL = 64;

const Callback = z.looseObject({ type: z.number(), data: z.unknown().optional() });

export const interactionRoutes: Routes = {
  'POST /interactions/{interaction_id}/{interaction_token}/callback': (call) => {
    const interaction = call.world.interactions.get(call.params['interaction_id'] ?? '');
    if (!interaction || interaction.givenUp || interaction.token !== call.params['interaction_token']) {
      throw new ApiError(404, 10062, 'Unknown interaction');
    }
    if (interaction.acknowledged !== null) {
      throw new ApiError(400, 40060, 'Interaction has already been acknowledged.');
    }
    const callback = Callback.parse(call.body);
    acknowledge(call, interaction, callback.type, callback.data);
    return { status: 204 };
  },

  'GET /webhooks/{webhook_id}/{webhook_token}/messages/@original': (call) => ({
    status: 200,
    body: renderMessage(call.world, originalOf(call), true),
  }),

  'PATCH /webhooks/{webhook_id}/{webhook_token}/messages/@original': (call) => {
    const message = originalOf(call);
    applyEdit(call, message, MessageBody.parse(call.body));
    return { status: 200, body: renderMessage(call.world, message, true) };
  },

  'DELETE /webhooks/{webhook_id}/{webhook_token}/messages/@original': (call) =>
    remove(call, originalOf(call)),

  'PATCH /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}': (call) => {
    const message = followUpOf(call);
    applyEdit(call, message, MessageBody.parse(call.body));
    return { status: 200, body: renderMessage(call.world, message, true) };
  },

  'DELETE /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}': (call) =>
    remove(call, followUpOf(call)),

  'POST /webhooks/{webhook_id}/{webhook_token}': (call) => {
    const interaction = interactionOf(call);
    const body = MessageBody.parse(call.body);
    checkContent(body.content ?? '');
    const original = call.world.messages.get(interaction.originalId ?? '');
    if (original?.loading && !original.deleted) {
      // Discord lets the first follow-up take the place of "thinking…".
      applyEdit(call, original, body);
      return { status: 200, body: renderMessage(call.world, original, true) };
    }
    interaction.followUps++;
    if (interaction.install === 'user' && interaction.followUps > USER_INSTALL_FOLLOW_UPS) {
      throw new ApiError(400, 40094, 'This interaction has hit the maximum number of follow up messages');
    }
    const message = answerMessage(call, interaction, body);
    return { status: 200, body: renderMessage(call.world, message, true) };
  },
};

function acknowledge(call: Call, interaction: DoubleInteraction, type: number, data: unknown): void {
  const allowed = { command: [4, 5, 9], autocomplete: [8], component: [4, 5, 6, 7, 9], modal: [4, 5, 6, 7] };
  if (!allowed[interaction.kind].includes(type)) throw new ApiError(400, 50035, 'Invalid Form Body');
  const body = MessageBody.parse(data ?? {});
  if (type === 4) {
    checkContent(body.content ?? '');
    interaction.originalId = answerMessage(call, interaction, body).id;
  }
  if (type === 5) {
    const flags = (body.flags ?? 0) & EPHEMERAL;
    interaction.originalId = answerMessage(call, interaction, { flags }, true).id;
  }
  if (type === 6 || type === 7) interaction.originalId = interaction.sourceMessageId;
  const source = call.world.messages.get(interaction.originalId ?? '');
  if (type === 7 && source) applyEdit(call, source, body);
  interaction.data = data;
  interaction.acknowledged = type;
}

function answerMessage(
  call: Call,
  interaction: DoubleInteraction,
  body: MessageBody,
  loading = false,
): DoubleMessage {
  const flags = body.flags ?? 0;
  const message = call.world.addMessage({
    channelId: interaction.channelId,
    authorId: call.world.bot.id,
    interactionId: interaction.id,
    originalId: interaction.originalId,
    content: (body.content ?? '').trim(),
    components: numbered(body.components ?? []),
    ephemeral: (flags & EPHEMERAL) !== 0,
    flags: flags & ~EPHEMERAL,
    loading,
    allowedMentions: body.allowed_mentions ?? null,
  });
  call.effects.created(message, loading ? [] : pingsOf(message.content, body.allowed_mentions, null));
  return message;
}

function remove(call: Call, message: DoubleMessage): { status: number } {
  message.deleted = true;
  call.effects.deleted(message);
  return { status: 204 };
}

function interactionOf(call: Call): DoubleInteraction {
  if (call.params['webhook_id'] !== call.world.bot.id) throw new ApiError(404, 10015, 'Unknown Webhook');
  const token = call.params['webhook_token'];
  const interaction = [...call.world.interactions.values()].find((known) => known.token === token);
  const old = interaction && call.world.clock.now() - interaction.createdAt > TOKEN_MS;
  if (!interaction || old) throw new ApiError(401, 50027, 'Invalid Webhook Token');
  if (interaction.acknowledged === null) throw new ApiError(404, 10015, 'Unknown Webhook');
  return interaction;
}

function originalOf(call: Call): DoubleMessage {
  const message = call.world.messages.get(interactionOf(call).originalId ?? '');
  if (!message || message.deleted) throw new ApiError(404, 10008, 'Unknown Message');
  return message;
}

function followUpOf(call: Call): DoubleMessage {
  const interaction = interactionOf(call);
  const message = call.world.messages.get(call.params['message_id'] ?? '');
  const ours = message && !message.deleted && message.interactionId === interaction.id;
  if (!ours) throw new ApiError(404, 10008, 'Unknown Message');
  return message;
}
