import type { z } from '@hono/zod-openapi';
import type { ModelPrice } from '../../../src/domain/models/model-entry.js';
import type { Numbers, NumbersQuery, Spreads, TokenCounts } from '../../../src/ports/numbers/numbers.js';
import type { NumbersBody } from './numbers-schemas.js';

/** What models cost, for an estimate. */
export interface Prices {
  /** As people write it: USD, EUR. */
  readonly currency: string;
  /** By alias, for a million tokens each. */
  readonly byModel: ReadonlyMap<string, ModelPrice>;
}

/** Numbers as the API gives them. */
export function numbersBody(
  { from, to, platform, model }: NumbersQuery,
  numbers: Numbers,
  prices: Prices,
): z.input<typeof NumbersBody> {
  return {
    from,
    to,
    platform,
    model,
    rolled_up_to: numbers.rolledUpTo,
    currency: prices.currency,
    users: numbers.users,
    conversations: numbers.conversations,
    conversation_length: numbers.conversationLength,
    days: numbers.days.map(
      ({ tokens, tokensPerSecond, firstTokenMs, firstTextMs, conversationTurns, ...day }) => ({
        ...day,
        ...tokensBody(tokens),
        tokens_per_second: tokensPerSecond,
        ...spreadsBody({ firstTokenMs, firstTextMs, conversationTurns }),
      }),
    ),
    platforms: [...numbers.platforms],
    models: numbers.models.map(({ model: alias, turns, tokens, tokensPerSecond }) => ({
      model: alias,
      turns,
      ...tokensBody(tokens),
      tokens_per_second: tokensPerSecond,
      estimated_cost: estimatedCost(tokens, prices.byModel.get(alias)),
    })),
    outcomes: [...numbers.outcomes],
    feedback: [...numbers.feedback],
    people: numbers.people && [...numbers.people],
    choices: { platforms: [...numbers.choices.platforms], models: [...numbers.choices.models] },
    ...spreadsBody(numbers.spreads),
  };
}

/**
 * Cached tokens are priced as any others: endpoints differ. Replaced ones are priced as the mix of prompt and reply
 * that the model's other tokens are.
 */
function estimatedCost(
  { prompt, reply, replaced }: TokenCounts,
  price: ModelPrice | undefined,
): number | null {
  if (!price) return null;
  const counted = prompt + reply;
  const cost = (prompt * price.prompt + reply * price.reply) / 1_000_000;
  if (counted === 0) return (replaced * price.prompt) / 1_000_000;
  return cost * ((counted + replaced) / counted);
}

function tokensBody({ prompt, cached, reply, replaced }: TokenCounts) {
  return { prompt_tokens: prompt, cached_tokens: cached, reply_tokens: reply, replaced_tokens: replaced };
}

function spreadsBody({ firstTokenMs, firstTextMs, conversationTurns }: Spreads) {
  return { first_token_ms: firstTokenMs, first_text_ms: firstTextMs, conversation_turns: conversationTurns };
}
