import { compile } from 'json-schema-to-typescript';

/** The parts of an OpenAPI 3.1 document that say what a call takes and gives. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

type Schema = Readonly<Record<string, unknown>>;
type Content = Readonly<Record<string, { readonly schema: Schema }>>;

interface DescribedOperation {
  readonly summary: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

const BANNER = `// biome-ignore-all lint: generated
// biome-ignore-all format: generated

// Generated from the OpenAPI document by "npm run generate-api-types": change the schemas, not this.`;

/**
 * TypeScript for what the calls under `/api/` take and give: `Api` has them by method and path, and every schema with a
 * name is an interface of its own.
 */
export async function apiTypes(document: ApiDocument): Promise<string> {
  const operations = Object.entries(document.paths)
    .filter(([path]) => path.startsWith('/api/'))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [
        `${method.toUpperCase()} ${path}`,
        { ...whole(partsOf(operation)), description: operation.summary },
      ]),
    );
  const schema = { ...whole(Object.fromEntries(operations)), $defs: document.components.schemas };
  // The document names its schemas where OpenAPI wants them, the generator reads JSON Schema.
  const text = JSON.stringify(schema).replaceAll('#/components/schemas/', '#/$defs/');
  return compile(JSON.parse(text, withoutBareText), 'Api', {
    additionalProperties: false,
    bannerComment: BANNER,
    ignoreMinAndMaxItems: true,
    style: { printWidth: 110, singleQuote: true },
    unknownAny: true,
  });
}

/** What a schema with a name is called in one place stands beside it there, in an `allOf`, and would be a type of its own. */
function withoutBareText(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('allOf' in value)) return value;
  const parts: Schema[] = Array.isArray(value.allOf) ? value.allOf : [];
  const isText = (part: Schema) => Object.keys(part).every((name) => name === 'description');
  const allOf = parts.filter((part) => !isText(part));
  return Object.assign({}, value, ...parts.filter(isText), { allOf });
}

function partsOf(operation: DescribedOperation): Record<string, Schema> {
  const [, { content } = {}] = Object.entries(operation.responses).find(([code]) => /^2/.test(code)) ?? [];
  const given = {
    path: parametersOf(operation, 'path'),
    query: parametersOf(operation, 'query'),
    body: operation.requestBody?.content['application/json']?.schema,
    answer: content ? content['application/json']?.schema : { type: 'null' },
    events: content?.['text/event-stream']?.schema,
  };
  const parts: Record<string, Schema> = {};
  for (const [name, schema] of Object.entries(given)) if (schema) parts[name] = schema;
  return parts;
}

function parametersOf({ parameters = [] }: DescribedOperation, place: 'path' | 'query'): Schema | undefined {
  const here = parameters.filter((parameter) => parameter.in === place);
  if (here.length === 0) return undefined;
  return {
    ...whole(Object.fromEntries(here.map(({ name, schema }) => [name, schema]))),
    required: here.filter(({ required }) => required).map(({ name }) => name),
  };
}

/** An object that has all of `properties`, and no other. */
function whole(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}
