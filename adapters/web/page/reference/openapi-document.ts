/** The parts of JSON Schema that the API's own document uses. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly example?: unknown;
  readonly examples?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly additionalProperties?: boolean | Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
}

export type Schemas = Readonly<Record<string, Schema>>;
export type Content = Readonly<Record<string, { readonly schema?: Schema }>>;

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: Schema;
}

export interface Answer {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly description?: string; readonly schema?: Schema }>>;
  readonly content?: Content;
}

interface DescribedOperation {
  readonly operationId: string;
  readonly summary?: string;
  readonly description?: string;
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, Answer>>;
}

/** An operation with its address. */
export interface Operation extends DescribedOperation {
  /** In capital letters. */
  readonly method: string;
  /** With its parameters in braces. */
  readonly path: string;
}

/** `GET /api/openapi.json`: OpenAPI 3.1, as far as this page reads it. */
export interface OpenApiDocument {
  readonly info: { readonly title: string; readonly description?: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
  readonly components?: {
    readonly schemas?: Schemas;
    readonly securitySchemes?: Readonly<Record<string, { readonly description?: string }>>;
  };
}

/** Parley's own document is one: that is told from other JSON alone. */
export function isOpenApiDocument(answer: object): answer is OpenApiDocument {
  return 'info' in answer && 'paths' in answer;
}

export interface OperationGroup {
  /** What an anchor can name. */
  readonly id: string;
  readonly title: string;
  readonly operations: readonly Operation[];
}

/** Whose beginning comes first is where a path belongs. */
const GROUPS: readonly { readonly title: string; readonly begin: readonly string[] }[] = [
  { title: 'Questions and answers', begin: ['/api/question', '/api/turns'] },
  { title: 'Conversations', begin: ['/api/conversations'] },
  { title: 'Models and options', begin: ['/api/models', '/api/options'] },
  { title: 'Commands', begin: ['/api/commands'] },
  { title: 'As the OpenAI API', begin: ['/v1/'] },
  { title: 'Signing in', begin: ['/api/session'] },
  { title: 'Numbers', begin: ['/api/admin/numbers'] },
  { title: 'API keys', begin: ['/api/admin/keys'] },
  { title: 'Administration', begin: ['/api/admin'] },
  { title: 'Watching over it', begin: ['/'] },
];

/** All operations of a document, by what they are about. Groups without any are left out. */
export function groupOperations(document: OpenApiDocument): readonly OperationGroup[] {
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      method: method.toUpperCase(),
      path,
    })),
  );
  return GROUPS.map((group) => ({
    id: `about-${group.title.toLowerCase().replaceAll(' ', '-')}`,
    title: group.title,
    operations: all.filter(({ path }) => groupOf(path) === group),
  })).filter(({ operations }) => operations.length > 0);
}

/** What of `groups` holds every word of `search`, in any case of letters. */
export function searchOperations(
  groups: readonly OperationGroup[],
  search: string,
): readonly OperationGroup[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const holds = (operation: Operation) => {
    const text = JSON.stringify(operation).toLowerCase();
    return words.every((word) => text.includes(word));
  };
  return groups
    .map((group) => ({ ...group, operations: group.operations.filter(holds) }))
    .filter(({ operations }) => operations.length > 0);
}

/** Names of the schemas that `from` refers to, and those that these do. */
export function namesWithin(
  from: unknown,
  schemas: Schemas,
  known: ReadonlySet<string> = new Set(),
): Set<string> {
  const names = new Set(known);
  for (const [, name = ''] of JSON.stringify(from).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
    if (names.has(name)) continue;
    names.add(name);
    for (const inner of namesWithin(schemas[name] ?? {}, schemas, names)) names.add(inner);
  }
  return names;
}

function groupOf(path: string) {
  return GROUPS.find(({ begin }) => begin.some((start) => path.startsWith(start)));
}
