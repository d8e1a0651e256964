import { expect, test } from 'vitest';
import type { Schema } from '../../../../../../adapters/web/page/reference/openapi-document.js';
import { shapeOf } from '../../../../../../adapters/web/page/reference/shape.js';

const schemas = {
  Call: {
    type: 'object',
    properties: { id: { type: 'string', minLength: 1, maxLength: 8 } },
    required: ['id'],
    additionalProperties: false,
  },
  Tree: {
    type: 'object',
    properties: { children: { type: 'array', items: { $ref: '#/components/schemas/Tree' } } },
  },
} satisfies Record<string, Schema>;

test('puts what a schema refers to, and is all of, in its place', () => {
  const vote: Schema = { type: 'object', properties: { vote: { enum: [-1, 1] } }, required: ['vote'] };
  const shape = shapeOf({ allOf: [{ $ref: '#/components/schemas/Call' }, vote] }, schemas);
  expect(shape.fields.map(({ name, required }) => [name, required])).toEqual([
    ['id', true],
    ['vote', true],
  ]);
  expect(shape.fields[0]?.shape.facts).toEqual(['1 to 8 characters']);
  expect(shape.fields[1]?.shape.values).toEqual(['-1', '1']);
  expect(shape.facts).toEqual(['no other fields']);
});

test('names lists, what may be null, and what is one of several', () => {
  const type = (schema: Schema) => shapeOf(schema, schemas).type;
  expect(type({ type: 'array', items: { type: ['integer', 'null'] } })).toBe('list of integer or null');
  expect(type({ anyOf: [{ $ref: '#/components/schemas/Call' }, { type: 'null' }] })).toBe('Call or null');
  expect(type({ type: 'object', additionalProperties: { type: 'number' } })).toBe(
    'object of any name to number',
  );
  expect(type({ type: 'string', format: 'date' })).toBe('string (date)');
  expect(type({ type: 'array', items: {} })).toBe('list');
  expect(type({})).toBe('anything');
});

test('shows the fields of a list’s objects, of each alternative, and of a map’s values', () => {
  const one: Schema = { type: 'object', properties: { a: { type: 'string' } } };
  const names = (schema: Schema) => shapeOf(schema, schemas).fields.map(({ name }) => name);
  expect(names({ type: 'array', items: one })).toEqual(['a']);
  expect(names({ oneOf: [one, { $ref: '#/components/schemas/Call' }] })).toEqual(['a', 'id']);
  expect(names({ type: 'object', additionalProperties: one })).toEqual(['a']);
});

test('ends where a schema holds itself', () => {
  const tree = shapeOf({ $ref: '#/components/schemas/Tree' }, schemas);
  expect(tree.fields[0]?.shape).toMatchObject({ type: 'list of Tree', fields: [] });
});
