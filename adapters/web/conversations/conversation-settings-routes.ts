import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { addressKey } from '../../../src/domain/address.js';
import { samplingOnWire } from '../../../src/domain/sampling.js';
import type { ConversationSettings } from '../../../src/domain/settings.js';
import type { ModelRouter } from '../../../src/ports/models/model-router.js';
import type { SettingsChanges, SettingsStore } from '../../../src/ports/settings/settings-store.js';
import { principalOf } from '../access/principal.js';
import { addRoute, BODY_ERRORS, body, json, problem } from '../http/add-route.js';
import { type FieldIssue, ProblemError } from '../http/problem.js';
import { check, invalid, readJson } from '../http/read-request.js';
import {
  BODY_LIMIT,
  ConversationIdText,
  ConversationSettingsChange,
  LANGUAGES,
} from '../http/request-schemas.js';
import { SetParameters } from '../http/response-schemas.js';
import { readParameterChanges } from './sampling-parameters.js';
import { webAddress } from './web-address.js';

export interface ConversationSettingsDependencies {
  readonly settings: Pick<SettingsStore, 'read' | 'change'>;
  readonly router: Pick<ModelRouter, 'models'>;
  readonly choices: { readonly personas: readonly { readonly name: string }[] };
}

type Change = z.output<typeof ConversationSettingsChange>;

const Path = z.object({ id: ConversationIdText });

const Settings = z
  .object({
    conversation_id: z.string(),
    model: z.string().nullable(),
    persona: z.string().nullable(),
    language: z.enum(LANGUAGES).nullable(),
    system_prompt: z.string().nullable(),
    parameters: SetParameters,
  })
  .openapi('ConversationSettings', {
    description:
      'What was set here; null where the default holds. Where nobody asks within 7 days, it is forgotten.',
  });

/** What answers in one conversation, and how: a question may ask for another model or parameters for itself alone. */
export function addConversationSettingsRoutes(
  app: OpenAPIHono,
  dependencies: ConversationSettingsDependencies,
): void {
  const { settings } = dependencies;

  addRoute(
    app,
    {
      method: 'get',
      path: '/api/conversations/{id}/settings',
      operationId: 'readConversationSettings',
      summary: 'Read what was set for a conversation, or for one that has not begun',
      request: { params: Path },
      responses: {
        200: json('What was set.', Settings),
        400: problem('The id is not as described.'),
      },
    },
    async (c) => {
      const { id } = check(Path, c.req.param());
      const [own = {}] = await settings.read([addressKey(webAddress(principalOf(c), id))]);
      return c.json(settingsBody(id, own));
    },
  );

  addRoute(
    app,
    {
      method: 'patch',
      path: '/api/conversations/{id}/settings',
      operationId: 'changeConversationSettings',
      summary: 'Change what answers in a conversation, and how, from the next question on',
      request: { params: Path, ...body(ConversationSettingsChange) },
      responses: { 200: json('All that is set now.', Settings), ...BODY_ERRORS },
    },
    async (c) => {
      const { id } = check(Path, c.req.param());
      const change = await readJson(c.req.raw, ConversationSettingsChange, BODY_LIMIT);
      const issues = unknownNames(change, dependencies);
      if (issues.length > 0) throw new ProblemError(invalid(issues));
      const parameters = change.parameters ? readParameterChanges(change.parameters) : {};
      const laidOver = Object.keys(parameters).length > 0 ? parameters : undefined;
      const key = addressKey(webAddress(principalOf(c), id));
      return c.json(settingsBody(id, await settings.change(key, changesOf(change), laidOver)));
    },
  );
}

function unknownNames(
  { model, persona }: Change,
  { router, choices }: ConversationSettingsDependencies,
): FieldIssue[] {
  const oneOf = (field: string, value: string | null | undefined, known: readonly string[]) =>
    value === undefined || value === null || known.includes(value)
      ? []
      : [{ field, message: `must be one of ${known.join(', ')}` }];
  const aliases = router.models().map(({ alias }) => alias);
  const personas = choices.personas.map(({ name }) => name);
  return [...oneOf('model', model, aliases), ...oneOf('persona', persona, personas)];
}

function changesOf({ model, persona, language, parameters, system_prompt: prompt }: Change): SettingsChanges {
  return {
    ...(model !== undefined && { model }),
    ...(persona !== undefined && { persona }),
    ...(language !== undefined && { language }),
    ...(parameters === null && { sampling: null }),
    ...(prompt !== undefined && { systemPrompt: prompt === null || prompt.trim() === '' ? null : prompt }),
  };
}

function settingsBody(id: string, settings: ConversationSettings): z.output<typeof Settings> {
  const { model, persona, language, systemPrompt, sampling } = settings;
  return {
    conversation_id: id,
    model: model ?? null,
    persona: persona ?? null,
    language: language ?? null,
    system_prompt: systemPrompt ?? null,
    parameters: samplingOnWire(sampling ?? {}),
  };
}
