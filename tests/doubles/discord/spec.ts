import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../../../src/process/compiled-entry.js';

/** From the repository's root, so that compiled benchmarks find it too. */
const SPECIFICATION = path.join(PACKAGE_ROOT, 'tests/doubles/discord/openapi/discord-openapi.json');

/** One operation of Discord's REST API that a request was matched to. */
export interface Operation {
  /** Path as the specification writes it: `/channels/{channel_id}/messages`. */
  readonly template: string;
  /** Lower case. */
  readonly method: string;
  readonly params: Readonly<Record<string, string>>;
}

const Content = z.looseObject({ content: z.record(z.string(), z.unknown()).optional() });
const OperationSchema = z.looseObject({
  requestBody: Content.optional(),
  responses: z.record(z.string(), z.unknown()),
});
const Document = z.looseObject({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });

/** Discord's OpenAPI specification as a judge of requests and answers. */
export class DiscordSpec {
  readonly #paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly #routes: readonly { template: string; pattern: RegExp; names: readonly string[] }[];
  readonly #ajv = new Ajv2020({ strict: false, allErrors: false, validateFormats: true });
  readonly #compiled = new Map<string, ValidateFunction>();

  constructor() {
    const text = readFileSync(SPECIFICATION, 'utf8');
    const document: unknown = JSON.parse(text);
    this.#paths = Document.parse(document).paths;
    this.#ajv.addFormat('snowflake', /^(0|[1-9]\d{0,19})$/);
    this.#ajv.addFormat('nonce', /^[\s\S]{0,25}$/);
    this.#ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/);
    this.#ajv.addFormat('uri', { type: 'string', validate: (text: string) => URL.canParse(text) });
    for (const format of ['int32', 'int64', 'double']) this.#ajv.addFormat(format, true);
    this.#ajv.addSchema(z.record(z.string(), z.unknown()).parse(document), 'discord');
    this.#routes = Object.keys(this.#paths)
      .map((template) => ({
        template,
        names: [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? ''),
        pattern: new RegExp(`^${template.replace(/\{\w+\}/g, '([^/]+)')}$`),
      }))
      // `@original` before `{message_id}`
      .sort((a, b) => a.names.length - b.names.length);
  }

  /** @param path - decoded, without `/api/v10` and without the query */
  match(method: string, path: string): Operation | null {
    for (const { template, pattern, names } of this.#routes) {
      const found = pattern.exec(path);
      const lower = method.toLowerCase();
      if (!found || !(lower in (this.#paths[template] ?? {}))) continue;
      const params = Object.fromEntries(names.map((name, index) => [name, found[index + 1] ?? '']));
      return { template, method: lower, params };
    }
    return null;
  }

  /** @returns what is wrong with a request's JSON body, or null */
  requestProblem(operation: Operation, body: unknown): string | null {
    const { requestBody } = this.#operation(operation);
    if (!requestBody) return null;
    return this.#judge(
      `${pointer(operation)}/requestBody/content/application~1json/schema`,
      body,
      'the request',
    );
  }

  /** @returns what is wrong with an answer of the double itself, or null */
  responseProblem(operation: Operation, status: number, body: unknown): string | null {
    if (status >= 500) return null;
    if (status === 429) return this.#judge('/components/schemas/RatelimitedResponse', body, 'the 429');
    if (status >= 400) return this.#judge('/components/schemas/ErrorResponse', body, 'the error');
    const answer = Content.safeParse(this.#operation(operation).responses[String(status)]);
    if (!answer.success) return `${operation.method} ${operation.template} never answers ${status}`;
    if (!answer.data.content) return body === undefined ? null : 'this answer has no body';
    return this.#judge(
      `${pointer(operation)}/responses/${status}/content/application~1json/schema`,
      body,
      'the answer',
    );
  }

  #operation({ template, method }: Operation): z.infer<typeof OperationSchema> {
    return OperationSchema.parse(this.#paths[template]?.[method]);
  }

  #judge(path: string, value: unknown, what: string): string | null {
    const validate = this.#compiled.get(path) ?? this.#ajv.compile({ $ref: `discord#${encodeURI(path)}` });
    this.#compiled.set(path, validate);
    if (validate(value)) return null;
    return `${what} breaks ${path}: ${this.#ajv.errorsText(validate.errors)}`;
  }
}

function pointer({ template, method }: Operation): string {
  return `/paths/${template.replaceAll('~', '~0').replaceAll('/', '~1')}/${method}`;
}
