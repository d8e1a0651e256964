import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { type Address, addressKey, readAddressKey } from '../../../src/domain/address.js';
import { samplingOnWire } from '../../../src/domain/sampling.js';
import {
  type ConversationSettings,
  type EffectiveSettings,
  PLACE_LIMIT_RANGES,
  type PlaceLimits,
} from '../../../src/domain/settings.js';
import type { ListedPlace, PlaceDirectory } from '../../../src/ports/memory/place-directory.js';
import type { ModelRouter } from '../../../src/ports/models/model-router.js';
import type { SettingsChanges, SettingsStore } from '../../../src/ports/settings/settings-store.js';
import type { PlatformLookup } from '../../../src/ports/turns/platform-lookup.js';
import { readParameters } from '../conversations/sampling-parameters.js';
import { addRoute, BODY_ERRORS, body, json, problem } from '../http/add-route.js';
import { type FieldIssue, ProblemError } from '../http/problem.js';
import { check, invalid, readJson } from '../http/read-request.js';
import { BODY_LIMIT, LANGUAGES, Parameters } from '../http/request-schemas.js';
import { SetParameters } from '../http/response-schemas.js';
import { DEFAULT_PAGE, KeyPath, PlacesQuery } from './admin-queries.js';

export interface AdminPlaceDependencies {
  readonly places: PlaceDirectory;
  readonly settings: SettingsStore;
  readonly lookup: Pick<PlatformLookup, 'settings'>;
  readonly router: Pick<ModelRouter, 'models'>;
  readonly personas: readonly string[];
}

const turnsPerMinute = z.int().min(0).max(PLACE_LIMIT_RANGES.turnsPerMinute);
const tokensPerDay = z.int().min(0).max(PLACE_LIMIT_RANGES.tokensPerDay);
const SCOPES = ['channel', 'user'] as const;

const SettingsChange = z
  .strictObject({
    model: z.string().max(200).nullable().optional().openapi({ description: 'An alias of GET /api/models.' }),
    persona: z.string().max(200).nullable().optional(),
    language: z.enum(LANGUAGES).nullable().optional(),
    memory: z.enum(SCOPES).nullable().optional(),
    follow_threads: z.boolean().nullable().optional(),
    parameters: Parameters.nullable().optional().openapi({ description: 'All of them together.' }),
    limits: z
      .strictObject({
        turns_per_minute: turnsPerMinute.nullable().optional(),
        tokens_per_day: tokensPerDay.nullable().optional(),
      })
      .nullable()
      .optional()
      .openapi({
        description:
          'What one person may use here instead of what the configuration allows; 0 is no limit. Counted over all that the person used, here and elsewhere.',
      }),
  })
  .openapi('PlaceSettingsChange', { description: 'What is left out stays as it is; null unsets.' });

const Settings = z.object({
  model: z.string().optional(),
  persona: z.string().optional(),
  language: z.enum(LANGUAGES).optional(),
  memory: z.enum(SCOPES).optional(),
  follow_threads: z.boolean().optional(),
  parameters: SetParameters.optional(),
  limits: z
    .object({ turns_per_minute: turnsPerMinute.optional(), tokens_per_day: tokensPerDay.optional() })
    .optional(),
});

const Place = z
  .object({
    key: z.string(),
    platform: z.enum(['discord', 'slack', 'web']),
    workspace: z.string(),
    channel: z.string(),
    thread: z.string().nullable(),
    parent: z.string().nullable().openapi({ description: 'The channel a Discord thread hangs under.' }),
    kind: z.enum(['channel', 'thread', 'direct']),
    first_used_at: z.iso.datetime().nullable(),
    settings: Settings.openapi({ description: 'What was set here.' }),
    effective: Settings.openapi({ description: 'What holds here, with what it inherits.' }),
  })
  .openapi('Place');

const Places = z.object({ places: z.array(Place), earlier: z.int().nullable() }).openapi('Places');

/** Where the bot was spoken to, with the settings of each, to be changed in place. */
export function addAdminPlaceRoutes(app: OpenAPIHono, dependencies: AdminPlaceDependencies): void {
  const { places, settings, lookup } = dependencies;

  async function placeBody(address: Address, firstUsedAt: Date | null) {
    const key = addressKey(address);
    const [[own = {}], effective] = await Promise.all([settings.read([key]), lookup.settings(address)]);
    return {
      key,
      platform: address.platform,
      workspace: address.workspace,
      channel: address.channel,
      thread: address.thread ?? null,
      parent: address.parent ?? null,
      kind: address.kind,
      first_used_at: firstUsedAt?.toISOString() ?? null,
      settings: settingsBody(own),
      effective: settingsBody(effective),
    };
  }

  /** @throws {ProblemError} 404 where the text names no place that could be */
  async function placeOf(key: string): Promise<Pick<ListedPlace, 'address'> & { firstUsedAt: Date | null }> {
    const named = readAddressKey(key);
    if (named)
      return (await places.find(key)) ?? { address: { ...named, kind: 'channel' }, firstUsedAt: null };
    const message = 'There is no such place; GET /api/admin/places lists their keys.';
    throw new ProblemError({ status: 404, code: 'not-found', message });
  }

  addRoute(
    app,
    {
      method: 'get',
      path: '/api/admin/places',
      operationId: 'listPlaces',
      summary: 'Channels, threads and direct messages, first used last, with their settings',
      request: { query: PlacesQuery },
      responses: { 200: json('A page of places.', Places), 400: problem('The page is not as described.') },
    },
    async (c) => {
      const { platform, search, before, limit } = check(PlacesQuery, c.req.query());
      const page = await places.page({
        limit: limit ?? DEFAULT_PAGE,
        ...(platform !== undefined && { platform }),
        ...(search !== undefined && { search }),
        ...(before !== undefined && { before }),
      });
      const bodies = page.places.map(({ address, firstUsedAt }) => placeBody(address, firstUsedAt));
      return c.json({ places: await Promise.all(bodies), earlier: page.earlier });
    },
  );

  addRoute(
    app,
    {
      method: 'patch',
      path: '/api/admin/places/{key}',
      operationId: 'changePlace',
      summary: 'Change the settings of a place, and what one person may use there',
      request: { params: KeyPath, ...body(SettingsChange) },
      responses: {
        200: json('The place as it is now.', Place),
        404: problem('The key names no place.'),
        ...BODY_ERRORS,
      },
    },
    async (c) => {
      const { key } = check(KeyPath, c.req.param());
      const { address, firstUsedAt } = await placeOf(key);
      const change = await readJson(c.req.raw, SettingsChange, BODY_LIMIT);
      const issues = unknownNames(change, dependencies);
      if (issues.length > 0) throw new ProblemError(invalid(issues));
      const [own = {}] = await settings.read([addressKey(address)]);
      await settings.change(addressKey(address), changesOf(change, own));
      return c.json(await placeBody(address, firstUsedAt));
    },
  );
}

function unknownNames(
  { model, persona }: z.output<typeof SettingsChange>,
  { router, personas }: AdminPlaceDependencies,
): FieldIssue[] {
  const aliases = router.models().map(({ alias }) => alias);
  const oneOf = (field: string, value: string | null | undefined, known: readonly string[]) =>
    value === undefined || value === null || known.includes(value)
      ? []
      : [{ field, message: `must be one of ${known.join(', ')}` }];
  return [...oneOf('model', model, aliases), ...oneOf('persona', persona, personas)];
}

function changesOf(change: z.output<typeof SettingsChange>, own: ConversationSettings): SettingsChanges {
  const { model, persona, language, memory, follow_threads: followThreads, parameters, limits } = change;
  return {
    ...(model !== undefined && { model }),
    ...(persona !== undefined && { persona }),
    ...(language !== undefined && { language }),
    ...(memory !== undefined && { memory }),
    ...(followThreads !== undefined && { followThreads }),
    ...(parameters !== undefined && { sampling: parameters && readParameters(parameters) }),
    ...(limits !== undefined && { limits: limits && limitsOf(limits, own) }),
  };
}

/** With those that stay; null where none is left. */
function limitsOf(
  change: { turns_per_minute?: number | null | undefined; tokens_per_day?: number | null | undefined },
  own: ConversationSettings,
): PlaceLimits | null {
  const {
    turns_per_minute: turns = own.limits?.turnsPerMinute,
    tokens_per_day: tokens = own.limits?.tokensPerDay,
  } = change;
  const limits = {
    ...(typeof turns === 'number' && { turnsPerMinute: turns }),
    ...(typeof tokens === 'number' && { tokensPerDay: tokens }),
  };
  return Object.keys(limits).length === 0 ? null : limits;
}

function settingsBody(settings: ConversationSettings | EffectiveSettings): z.output<typeof Settings> {
  const { model, persona, language, memory, followThreads, sampling, limits } = settings;
  const parameters = sampling && samplingOnWire(sampling);
  return {
    ...{ model, persona, language, memory, parameters, follow_threads: followThreads },
    limits: limits && { turns_per_minute: limits.turnsPerMinute, tokens_per_day: limits.tokensPerDay },
  };
}
