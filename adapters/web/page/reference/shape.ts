import type { Schema, Schemas } from './openapi-document.js';

/** A schema as people read it, with what it refers to in its place. */
export interface Shape {
  /** Of the schema in the document's components; null where it stands on its own. */
  readonly name: string | null;
  /** As in `list of strings`. */
  readonly type: string;
  readonly description: string;
  /** Limits and defaults, a few words each. */
  readonly facts: readonly string[];
  /** Those allowed, as JSON; empty where any is. */
  readonly values: readonly string[];
  /** Of an object, of each of a list's objects, of a map's. */
  readonly fields: readonly Field[];
}

export interface Field {
  readonly name: string;
  readonly required: boolean;
  readonly shape: Shape;
}

const PREFIX = '#/components/schemas/';

/** @param within - names of the schemas around this one, which would go on without end */
export function shapeOf(schema: Schema, schemas: Schemas, within: readonly string[] = []): Shape {
  const name = nameOf(schema);
  if (name !== null && within.includes(name)) {
    return { name, type: name, description: 'As above.', facts: [], values: [], fields: [] };
  }
  const inner = name === null ? within : [...within, name];
  const whole = merge(schema, schemas);
  const alternatives = [...(whole.anyOf ?? []), ...(whole.oneOf ?? [])].map((one) =>
    shapeOf(one, schemas, inner),
  );
  const item = whole.items && shapeOf(whole.items, schemas, inner);
  const value =
    typeof whole.additionalProperties === 'object' && Object.keys(whole.additionalProperties).length > 0
      ? shapeOf(whole.additionalProperties, schemas, inner)
      : undefined;
  const parts = [...alternatives, item, value].filter((part) => part !== undefined);
  return {
    name,
    type: name !== null && whole.properties ? name : typeOf(whole, alternatives, item, value),
    description: whole.description ?? '',
    facts: [...new Set([...factsOf(whole), ...parts.flatMap(({ facts }) => facts)])],
    values: [...(whole.enum ?? []).map((one) => JSON.stringify(one)), ...parts.flatMap((one) => one.values)],
    fields: [...fieldsOf(whole, schemas, inner), ...parts.flatMap((part) => part.fields)],
  };
}

/** The schema with what it refers to, or is all of, in it. */
export function merge(schema: Schema, schemas: Schemas): Schema {
  const name = nameOf(schema);
  const parts = [...(name === null ? [] : [schemas[name] ?? {}]), ...(schema.allOf ?? [])].map((part) =>
    merge(part, schemas),
  );
  if (parts.length === 0) return schema;
  const all = [...parts, schema];
  const properties: Readonly<Record<string, Schema>> = Object.assign(
    {},
    ...all.map((part) => part.properties),
  );
  const required = all.flatMap((part) => part.required ?? []);
  const whole: Schema = Object.assign({}, ...all);
  return Object.keys(properties).length === 0 ? whole : { ...whole, properties, required };
}

function nameOf({ $ref }: Schema): string | null {
  return $ref?.startsWith(PREFIX) ? $ref.slice(PREFIX.length) : null;
}

function fieldsOf(schema: Schema, schemas: Schemas, within: readonly string[]): Field[] {
  return Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    required: schema.required?.includes(name) ?? false,
    shape: shapeOf(property, schemas, within),
  }));
}

function typeOf(
  schema: Schema,
  alternatives: readonly Shape[],
  item: Shape | undefined,
  value: Shape | undefined,
): string {
  if (alternatives.length > 0) return orList(alternatives.map(({ type }) => type));
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
  const named = types.map((type) => {
    if (type === 'array') return item && item.type !== 'anything' ? `list of ${item.type}` : 'list';
    if (type === 'object' && value) return `object of any name to ${value.type}`;
    return schema.format && type === 'string' ? `${type} (${schema.format})` : type;
  });
  return named.length === 0 ? 'anything' : orList(named);
}

function orList(types: readonly string[]): string {
  return [...new Set(types)].join(' or ');
}

function factsOf(schema: Schema): string[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  const facts = [
    range(minimum, maximum, ''),
    exclusiveMinimum === undefined ? '' : `above ${exclusiveMinimum}`,
    exclusiveMaximum === undefined ? '' : `below ${exclusiveMaximum}`,
    range(schema.minLength, schema.maxLength, ' characters'),
    range(schema.minItems, schema.maxItems, ' items'),
    schema.pattern === undefined ? '' : `matches ${schema.pattern}`,
    schema.default === undefined ? '' : `${JSON.stringify(schema.default)} where left out`,
    schema.additionalProperties === false ? 'no other fields' : '',
  ];
  return facts.filter((fact) => fact !== '');
}

function range(min: number | undefined, max: number | undefined, unit: string): string {
  if (min === undefined && max === undefined) return '';
  if (max === undefined || max >= Number.MAX_SAFE_INTEGER) return `at least ${min}${unit}`;
  return min === undefined ? `at most ${max}${unit}` : `${min} to ${max}${unit}`;
}
