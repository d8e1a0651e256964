import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { DAY_MS } from '../../../src/domain/time/duration.js';
import type { MemoryStore } from '../../../src/ports/memory/memory-store.js';
import type { ListedUser, UserDirectory } from '../../../src/ports/memory/user-directory.js';
import type { UsageStore } from '../../../src/ports/turns/usage-store.js';
import { addRoute, BODY_ERRORS, body, json, problem } from '../http/add-route.js';
import { ProblemError } from '../http/problem.js';
import { check, invalid, readJson } from '../http/read-request.js';
import { BODY_LIMIT } from '../http/request-schemas.js';
import { DEFAULT_PAGE, KeyPath, UsersQuery } from './admin-queries.js';

export interface AdminUserDependencies {
  readonly users: UserDirectory;
  readonly usage: Pick<UsageStore, 'recent'>;
  readonly memory: Pick<MemoryStore, 'forgetAuthor'>;
  /** What the configuration allows one person; null for no limit. */
  readonly limits: { readonly turnsPerMinute: number | null; readonly tokensPerDay: number | null };
}

const Count = z.int().min(0);
const Used = z.object({ turns: Count, tokens: Count });

const Users = z
  .object({
    limits: z
      .object({ turns_per_minute: Count.nullable(), tokens_per_day: Count.nullable() })
      .openapi({ description: 'What the configuration allows each of them; a place may have its own.' }),
    users: z.array(
      z.object({
        key: z.string(),
        name: z.string().openapi({ description: 'Empty where it was forgotten.' }),
        last_asked_at: z.iso.datetime(),
        day: Used.openapi({ description: 'The last 24 hours; tokens of prompts and replies.' }),
        month: Used.openapi({ description: 'The last 30 days.' }),
      }),
    ),
    next: z.string().nullable(),
  })
  .openapi('Users');

const ForgetCall = z
  .strictObject({ confirm: z.string().max(400).openapi({ description: 'The key once more.' }) })
  .openapi('ForgetCall');

const ForgottenUser = z
  .object({ key: z.string(), forgotten: Count.openapi({ description: 'Turns erased.' }) })
  .openapi('ForgottenUser');

/** Who asks, what they used, and forgetting one of them as they could themselves. */
export function addAdminUserRoutes(app: OpenAPIHono, dependencies: AdminUserDependencies): void {
  const { users, usage, memory, limits } = dependencies;

  async function userBody({ key, name, lastAskedAt }: ListedUser) {
    const [day, month] = await Promise.all([
      usage.recent(key, DAY_MS, DAY_MS),
      usage.recent(key, 30 * DAY_MS, 30 * DAY_MS),
    ]);
    return { key, name, last_asked_at: lastAskedAt.toISOString(), day, month };
  }

  addRoute(
    app,
    {
      method: 'get',
      path: '/api/admin/users',
      operationId: 'listUsers',
      summary: 'Everybody who ever asked, by key, with what they used',
      request: { query: UsersQuery },
      responses: { 200: json('A page of users.', Users), 400: problem('The page is not as described.') },
    },
    async (c) => {
      const { search, after, limit } = check(UsersQuery, c.req.query());
      const page = await users.page({
        limit: limit ?? DEFAULT_PAGE,
        ...(search !== undefined && { search }),
        ...(after !== undefined && { after }),
      });
      const { turnsPerMinute, tokensPerDay } = limits;
      return c.json({
        limits: { turns_per_minute: turnsPerMinute, tokens_per_day: tokensPerDay },
        users: await Promise.all(page.users.map(userBody)),
        next: page.next,
      });
    },
  );

  addRoute(
    app,
    {
      method: 'post',
      path: '/api/admin/users/{key}/forget',
      operationId: 'forgetUser',
      summary: 'Erase all that a user sent, everywhere, with the replies to it',
      request: { params: KeyPath, ...body(ForgetCall) },
      responses: { 200: json('Usage numbers are left, no text.', ForgottenUser), ...BODY_ERRORS },
    },
    async (c) => {
      const { key } = check(KeyPath, c.req.param());
      const { confirm } = await readJson(c.req.raw, ForgetCall, BODY_LIMIT);
      if (confirm !== key) {
        throw new ProblemError(invalid([{ field: 'confirm', message: "must be the user's key" }]));
      }
      return c.json({ key, forgotten: await memory.forgetAuthor(key) });
    },
  );
}
