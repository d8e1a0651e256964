import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { API_KEY_LIMIT_RANGES, API_KEY_NAME_LENGTH, type ApiKeyLimits } from '../../../src/domain/api-key.js';
import { type ApiKeyStore, type ListedApiKey, MOST_API_KEYS } from '../../../src/ports/settings/api-keys.js';
import { addRoute, BODY_ERRORS, body, json, problem } from '../http/add-route.js';
import { ProblemError } from '../http/problem.js';
import { check, readJson } from '../http/read-request.js';
import { BODY_LIMIT, plainName } from '../http/request-schemas.js';
import { ApiKeyPath } from './admin-queries.js';

export interface AdminKeyDependencies {
  readonly apiKeys: Pick<ApiKeyStore, 'list' | 'make' | 'change' | 'revoke'>;
}

const Moment = z.iso.datetime().nullable();
const limit = (max: number, description: string) =>
  z.int().min(1).max(max).nullable().openapi({ description });
const turnsPerMinute = limit(API_KEY_LIMIT_RANGES.turnsPerMinute, 'Questions within 60 s; null: no limit.');
const tokensPerDay = limit(
  API_KEY_LIMIT_RANGES.tokensPerDay,
  'Tokens of prompts and replies within 24 h; null: no limit.',
);

const Limits = z
  .strictObject({ turns_per_minute: turnsPerMinute.optional(), tokens_per_day: tokensPerDay.optional() })
  .optional()
  .openapi({
    description: 'What all who ask with the key may use together, beside what each of them may.',
  });
const Name = plainName(API_KEY_NAME_LENGTH).openapi({ description: 'Which program it is for.' });

const KeyCall = z.strictObject({ name: Name, limits: Limits }).openapi('ApiKeyCall');
const KeyChange = z
  .strictObject({ name: Name.optional(), limits: Limits })
  .openapi('ApiKeyChange', { description: 'What is left out stays as it is; null takes a limit away.' });

const Key = z
  .object({
    id: z.int().min(1),
    name: z.string(),
    shown: z.string().openapi({ description: 'How the key begins.', example: 'pk_ab12…' }),
    created_at: z.iso.datetime(),
    last_used_at: Moment.openapi({ description: 'Up to a minute too early.' }),
    revoked_at: Moment,
    limits: z.object({ turns_per_minute: turnsPerMinute, tokens_per_day: tokensPerDay }),
  })
  .openapi('ApiKey');
const MadeKey = Key.extend({
  key: z.string().openapi({ description: 'The key itself: here and never again.' }),
}).openapi('MadeApiKey');
const Keys = z.object({ keys: z.array(Key) }).openapi('ApiKeys');

/** Keys for programs: made, listed, changed and revoked. */
export function addAdminKeyRoutes(app: OpenAPIHono, { apiKeys }: AdminKeyDependencies): void {
  addRoute(
    app,
    {
      method: 'get',
      path: '/api/admin/keys',
      operationId: 'listApiKeys',
      summary: 'API keys, those in force first; the newest 2,000',
      responses: { 200: json('The keys, without what opens them.', Keys) },
    },
    async (c) => c.json({ keys: (await apiKeys.list()).map(keyBody) }),
  );

  addRoute(
    app,
    {
      method: 'post',
      path: '/api/admin/keys',
      operationId: 'makeApiKey',
      summary: 'Make an API key; the answer alone has the key itself',
      request: body(KeyCall),
      responses: {
        201: json('The key.', MadeKey),
        409: problem('1,000 keys are in force.'),
        ...BODY_ERRORS,
      },
    },
    async (c) => {
      const { name, limits } = await readJson(c.req.raw, KeyCall, BODY_LIMIT);
      const none = { turnsPerMinute: null, tokensPerDay: null };
      const made = await apiKeys.make(name.trim(), { ...none, ...limitsOf(limits) });
      if (made) return c.json({ ...keyBody(made.made), key: made.key }, 201);
      const message = `There are ${MOST_API_KEYS.toLocaleString('en')} API keys in force; revoke one that is not used any more.`;
      throw new ProblemError({ status: 409, code: 'key-limit', message });
    },
  );

  const found = {
    400: problem('The id is not as described.'),
    404: problem('There is no such key.'),
  };

  addRoute(
    app,
    {
      method: 'patch',
      path: '/api/admin/keys/{id}',
      operationId: 'changeApiKey',
      summary: 'Change the name or the limits of an API key',
      request: { params: ApiKeyPath, ...body(KeyChange) },
      responses: { 200: json('The key as it is now.', Key), ...found, ...BODY_ERRORS },
    },
    async (c) => {
      const { id } = check(ApiKeyPath, c.req.param());
      const { name, limits } = await readJson(c.req.raw, KeyChange, BODY_LIMIT);
      const changed = await apiKeys.change(id, {
        ...(name !== undefined && { name: name.trim() }),
        limits: limitsOf(limits),
      });
      if (changed) return c.json(keyBody(changed));
      throw noSuchKey('There is no API key of that id in force; GET /api/admin/keys lists them.');
    },
  );

  addRoute(
    app,
    {
      method: 'delete',
      path: '/api/admin/keys/{id}',
      operationId: 'revokeApiKey',
      summary: 'Revoke an API key: nothing is taken with it any more, in every process within 10 s',
      request: { params: ApiKeyPath },
      responses: { 200: json('The key, which stays on the list.', Key), ...found },
    },
    async (c) => {
      const { id } = check(ApiKeyPath, c.req.param());
      const revoked = await apiKeys.revoke(id);
      if (revoked) return c.json(keyBody(revoked));
      throw noSuchKey('There is no API key of that id; GET /api/admin/keys lists them.');
    },
  );
}

function noSuchKey(message: string): ProblemError {
  return new ProblemError({ status: 404, code: 'not-found', message });
}

function limitsOf(limits: z.output<typeof Limits>): Partial<ApiKeyLimits> {
  const { turns_per_minute: turns, tokens_per_day: tokens } = limits ?? {};
  return {
    ...(turns !== undefined && { turnsPerMinute: turns }),
    ...(tokens !== undefined && { tokensPerDay: tokens }),
  };
}

function keyBody({ id, name, shown, limits, createdAt, lastUsedAt, revokedAt }: ListedApiKey) {
  return {
    ...{ id, name, shown },
    created_at: createdAt.toISOString(),
    last_used_at: lastUsedAt?.toISOString() ?? null,
    revoked_at: revokedAt?.toISOString() ?? null,
    limits: { turns_per_minute: limits.turnsPerMinute, tokens_per_day: limits.tokensPerDay },
  };
}
