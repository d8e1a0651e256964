import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { ModelRouter } from '../../../src/ports/models/model-router.js';
import { addRoute, json } from '../http/add-route.js';
import { ProblemError } from '../http/problem.js';
import { OpenAiError } from './openai-problem.js';

const Model = z
  .object({
    id: z.string().openapi({ description: 'The alias.' }),
    object: z.literal('model'),
    created: z.int().openapi({ description: 'Not known: 0.' }),
    owned_by: z.string().openapi({ description: '`local`, or `hosted`.' }),
  })
  .openapi('OpenAiModel');
const ModelList = z.object({ object: z.literal('list'), data: z.array(Model) }).openapi('OpenAiModels');

/** The models, as clients of the OpenAI API list them. */
export function addModelRoutes(
  app: OpenAPIHono,
  { router }: { readonly router: Pick<ModelRouter, 'models'> },
): void {
  const models = (): z.output<typeof Model>[] =>
    router.models().map(({ alias, runs }) => ({ id: alias, object: 'model', created: 0, owned_by: runs }));
  const security = [{ apiKey: [] }, { session: [] }];
  const refused = {
    401: json('The API key is missing or wrong.', OpenAiError),
    403: json('Not for this caller.', OpenAiError),
    429: json('Too many wrong keys came from this address.', OpenAiError),
  };

  addRoute(
    app,
    {
      method: 'get',
      path: '/v1/models',
      operationId: 'listOpenAiModels',
      summary: 'The models, as the OpenAI API lists them',
      security,
      responses: { 200: json('The models.', ModelList), ...refused },
    },
    (c) => c.json({ object: 'list', data: models() }),
  );

  addRoute(
    app,
    {
      method: 'get',
      path: '/v1/models/{id}',
      operationId: 'readOpenAiModel',
      summary: 'One model, as the OpenAI API describes it',
      security,
      request: { params: z.object({ id: z.string() }) },
      responses: {
        200: json('The model.', Model),
        ...refused,
        404: json('There is no such model.', OpenAiError),
      },
    },
    (c) => {
      const found = models().find(({ id }) => id === c.req.param('id'));
      if (found) return c.json(found);
      const message = 'There is no model of that name; GET /v1/models lists what there is.';
      throw new ProblemError({ status: 404, code: 'unknown-model', message });
    },
  );
}
