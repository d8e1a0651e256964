import { closeSync, openSync, writeSync } from 'node:fs';
import { encodeTensor, TENSOR_TYPES, type TensorType, tensorBytes } from './tensor-data.js';

/** One entry of the metadata, in the types these models need. */
export type GgufValue =
  | { readonly type: 'u32' | 'f32'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'string[]'; readonly value: readonly string[] }
  | { readonly type: 'i32[]'; readonly value: readonly number[] };

export interface GgufTensor {
  readonly name: string;
  /** Innermost dimension first. */
  readonly shape: readonly number[];
  readonly type: TensorType;
  /** Called once, when the tensor is written: large models never lie in memory whole. */
  readonly values: () => Float32Array;
}

/** ggml's default alignment of tensor data, in bytes. */
const ALIGNMENT = 32;
const VALUE_TYPE = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 } as const;

/** Writes a GGUF version 3 file. */
export function writeGguf(
  path: string,
  metadata: ReadonlyMap<string, GgufValue>,
  tensors: readonly GgufTensor[],
): void {
  let offset = 0;
  const infos = tensors.map((tensor) => {
    const size = tensorBytes(
      tensor.type,
      tensor.shape.reduce((a, b) => a * b, 1),
    );
    const info = Buffer.concat([
      string(tensor.name),
      u32(tensor.shape.length),
      ...tensor.shape.map(u64),
      u32(TENSOR_TYPES[tensor.type].id),
      u64(offset),
    ]);
    offset += size + padding(size).length;
    return info;
  });
  const head = Buffer.concat([
    Buffer.from('GGUF'),
    u32(3),
    u64(tensors.length),
    u64(metadata.size),
    ...[...metadata].map(([key, value]) => Buffer.concat([string(key), encodeValue(value)])),
    ...infos,
  ]);
  const file = openSync(path, 'w');
  try {
    for (const bytes of [head, padding(head.length)]) writeSync(file, bytes);
    for (const tensor of tensors) {
      const data = encodeTensor(tensor.values(), tensor.type);
      for (const bytes of [data, padding(data.length)]) writeSync(file, bytes);
    }
  } finally {
    closeSync(file);
  }
}

function encodeValue(entry: GgufValue): Buffer {
  switch (entry.type) {
    case 'u32':
      return Buffer.concat([u32(VALUE_TYPE.u32), u32(entry.value)]);
    case 'f32': {
      const bytes = Buffer.alloc(4);
      bytes.writeFloatLE(entry.value);
      return Buffer.concat([u32(VALUE_TYPE.f32), bytes]);
    }
    case 'bool':
      return Buffer.concat([u32(VALUE_TYPE.bool), Buffer.from([entry.value ? 1 : 0])]);
    case 'string':
      return Buffer.concat([u32(VALUE_TYPE.string), string(entry.value)]);
    case 'string[]':
      return Buffer.concat([
        u32(VALUE_TYPE.array),
        u32(VALUE_TYPE.string),
        u64(entry.value.length),
        ...entry.value.map(string),
      ]);
    case 'i32[]': {
      const bytes = Buffer.alloc(entry.value.length * 4);
      entry.value.forEach((value, i) => {
        bytes.writeInt32LE(value, i * 4);
      });
      return Buffer.concat([u32(VALUE_TYPE.array), u32(VALUE_TYPE.i32), u64(entry.value.length), bytes]);
    }
  }
}

function padding(length: number): Buffer {
  return Buffer.alloc((ALIGNMENT - (length % ALIGNMENT)) % ALIGNMENT);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function string(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([u64(bytes.length), bytes]);
}
