import type { Operation, Schema, Schemas } from './openapi-document.js';
import { merge } from './shape.js';

/** A command that calls `operation` with all that it requires. @param origin - as in `http://localhost:8080` */
export function curlExample(operation: Operation, schemas: Schemas, origin: string): string {
  const { method, path, parameters = [], security = [], requestBody, responses } = operation;
  const value = (schema: Schema | undefined, name: string) =>
    encodeURIComponent(String(exampleOf(schema ?? {}, schemas, name)));
  const query = parameters.filter((one) => one.in === 'query' && one.required);
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    value(parameters.find((one) => one.in === 'path' && one.name === name)?.schema, name),
  );
  const asked = query.map(({ name, schema }) => `${name}=${value(schema, name)}`).join('&');
  const sent = requestBody?.content['application/json']?.schema;
  const answers = Object.keys(Object.values(responses)[0]?.content ?? {});
  const onlyEvents = answers.length === 1 && answers[0] === 'text/event-stream';
  return [
    `curl ${onlyEvents ? '-N ' : ''}${method === 'GET' ? '' : `-X ${method} `}${quote(origin + filled + (asked && `?${asked}`))}`,
    ...('apiKey' in Object.assign({}, ...security) ? ['-H "Authorization: Bearer $PARLEY_API_KEY"'] : []),
    ...(sent
      ? ["-H 'Content-Type: application/json'", `-d ${quote(JSON.stringify(exampleOf(sent, schemas, '')))}`]
      : []),
  ].join(' \\\n  ');
}

/** What stands for a field, by its name, where its schema has no example. */
const BY_NAME: Readonly<Record<string, unknown>> = {
  id: 1842,
  alias: 'small',
  model: 'small',
  role: 'user',
  content: 'Why is the sky blue?',
  name: 'example',
  title: 'The sky',
  key: 'your-key',
  action: 'load',
};

/** A value that `schema` takes, with only what it requires; the first field where it requires none. */
export function exampleOf(schema: Schema, schemas: Schemas, name: string): unknown {
  const whole = merge(schema, schemas);
  if (whole.example !== undefined) return whole.example;
  if (whole.examples?.length) return whole.examples[0];
  if (whole.default !== undefined) return whole.default;
  if (whole.const !== undefined) return whole.const;
  if (whole.enum?.length) return whole.enum.at(-1);
  const alternative = [...(whole.anyOf ?? []), ...(whole.oneOf ?? [])].find(({ type }) => type !== 'null');
  if (alternative) return exampleOf(alternative, schemas, name);
  const type = typeof whole.type === 'string' ? whole.type : whole.type?.find((one) => one !== 'null');
  switch (type) {
    case 'object': {
      const properties = Object.entries(whole.properties ?? {});
      const wanted = properties.filter(([field]) => whole.required?.includes(field));
      return Object.fromEntries(
        (wanted.length > 0 ? wanted : properties.slice(0, 1)).map(([field, inner]) => [
          field,
          exampleOf(inner, schemas, field),
        ]),
      );
    }
    case 'array':
      return whole.items ? [exampleOf(whole.items, schemas, name)] : [];
    case 'integer':
    case 'number':
      return whole.minimum ?? 1;
    case 'boolean':
      return true;
    default:
      if (whole.format === 'date') return '2026-01-31';
      if (whole.format === 'date-time') return '2026-01-31T12:00:00Z';
      return BY_NAME[name] ?? 'example';
  }
}

/** For a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
