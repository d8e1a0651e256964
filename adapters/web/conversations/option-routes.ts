import { type OpenAPIHono, z } from '@hono/zod-openapi';
import {
  DEFAULT_SAMPLING,
  DEFAULTED_NUMBERS,
  forEachOnWire,
  samplingOnWire,
} from '../../../src/domain/sampling.js';
import { type EffectiveSettings, SYSTEM_PROMPT_LENGTH } from '../../../src/domain/settings.js';
import type { ModelRouter, ModelSummary } from '../../../src/ports/models/model-router.js';
import { addRoute, json } from '../http/add-route.js';
import { LANGUAGES } from '../http/request-schemas.js';
import { SetParameters } from '../http/response-schemas.js';

/** What people choose from, and what holds where they choose nothing. */
export interface Choices {
  readonly personas: readonly { readonly name: string; readonly description: string }[];
  readonly defaults: Pick<EffectiveSettings, 'persona' | 'language'>;
}

export interface OptionDependencies {
  readonly router: Pick<ModelRouter, 'models'>;
  /** The models as they are now, where it takes time to find out. Default: as `router` has them. */
  readonly modelsNow?: () => Promise<readonly ModelSummary[]>;
  readonly choices: Choices;
}

/** Languages by their own names. */
const LANGUAGE_NAMES: Readonly<Record<(typeof LANGUAGES)[number], string>> = {
  auto: 'As the question',
  en: 'English',
  zh: '中文',
};

const Range = z.object({
  min: z.number(),
  max: z.number(),
  default: z.number().openapi({ description: 'Of the default model; GET /api/models has those of each.' }),
  whole: z.boolean(),
});

const Options = z
  .object({
    personas: z.array(z.object({ name: z.string(), description: z.string().nullable() })),
    default_persona: z.string(),
    languages: z.array(z.object({ code: z.enum(LANGUAGES), name: z.string() })),
    default_language: z.enum(LANGUAGES),
    parameters: z.object(forEachOnWire(DEFAULTED_NUMBERS, () => Range)),
    system_prompt_max: z.int().openapi({ description: 'Longest system prompt, in UTF-16 code units.' }),
  })
  .openapi('Options');

const Model = z.object({
  alias: z.string(),
  description: z.string(),
  runs: z.enum(['local', 'hosted']),
  context_window: z.int().nullable().openapi({ description: 'Tokens; null until known.' }),
  state: z.enum(['ready', 'loading', 'not-downloaded', 'unavailable']),
  is_default: z.boolean(),
  size_bytes: z.int().nullable().openapi({ description: 'Of a local model’s file; null where unknown.' }),
  progress: z.number().min(0).max(1).nullable().openapi({
    description: 'While its file is downloaded or checked, or it is loaded; null where nobody knows.',
  }),
  loaded: z.boolean().nullable().openapi({
    description:
      'Whether a local model is in memory, in a fleet that of any worker which serves it; null where that is not known.',
  }),
  license: z.string().nullable().openapi({ description: 'SPDX identifier, where known.' }),
  parameters: SetParameters.openapi({ description: 'What its parameters are where nothing is set.' }),
});

const Models = z.object({ models: z.array(Model) }).openapi('Models');

/** What a conversation can be set to. */
export function addOptionRoutes(app: OpenAPIHono, dependencies: OptionDependencies): void {
  const { router, choices, modelsNow = async () => router.models() } = dependencies;
  addRoute(
    app,
    {
      method: 'get',
      path: '/api/models',
      operationId: 'listModels',
      summary: 'The models that can answer',
      responses: { 200: json('The models, by alias.', Models) },
    },
    async (c) => c.json({ models: (await modelsNow()).map(modelBody) }),
  );

  addRoute(
    app,
    {
      method: 'get',
      path: '/api/options',
      operationId: 'listOptions',
      summary: 'What can be set for a conversation, within which bounds, and what holds where nothing is',
      responses: { 200: json('Personas, languages and parameters.', Options) },
    },
    (c) => c.json(optionsBody(router.models(), choices)),
  );
}

function modelBody(model: ModelSummary): z.output<typeof Model> {
  return {
    alias: model.alias,
    description: model.description,
    runs: model.runs,
    context_window: model.contextWindow,
    state: model.state,
    is_default: model.isDefault,
    size_bytes: model.sizeBytes ?? null,
    progress: model.progress ?? null,
    loaded: model.loaded ?? null,
    license: model.license ?? null,
    parameters: samplingOnWire(model.sampling ?? DEFAULT_SAMPLING),
  };
}

function optionsBody(
  models: readonly ModelSummary[],
  { personas, defaults }: Choices,
): z.output<typeof Options> {
  const sampling = models.find(({ isDefault }) => isDefault)?.sampling ?? DEFAULT_SAMPLING;
  return {
    // A persona that nobody described has its name in that place.
    personas: personas.map(({ name, description }) => ({
      name,
      description: description === name || description === '' ? null : description,
    })),
    default_persona: defaults.persona,
    languages: LANGUAGES.map((code) => ({ code, name: LANGUAGE_NAMES[code] })),
    default_language: defaults.language,
    parameters: forEachOnWire(DEFAULTED_NUMBERS, ({ min, max, whole }, name) => ({
      min,
      max,
      whole,
      default: sampling[name],
    })),
    system_prompt_max: SYSTEM_PROMPT_LENGTH,
  };
}
