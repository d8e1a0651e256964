export type TensorType = 'f32' | 'f16' | 'q8_0' | 'q4_0';

/** `id` is ggml's number of the type, `fileType` the one of `general.file_type`. */
export const TENSOR_TYPES: Record<TensorType, { readonly id: number; readonly fileType: number }> = {
  f32: { id: 0, fileType: 0 },
  f16: { id: 1, fileType: 1 },
  q4_0: { id: 2, fileType: 2 },
  q8_0: { id: 8, fileType: 7 },
};

/** Values per quantized block. */
const BLOCK = 32;

/** Bytes that `count` values take; `count` is a multiple of 32 for the quantized types. */
export function tensorBytes(type: TensorType, count: number): number {
  switch (type) {
    case 'f32':
      return count * 4;
    case 'f16':
      return count * 2;
    case 'q8_0':
      return (count / BLOCK) * 34;
    case 'q4_0':
      return (count / BLOCK) * 18;
  }
}

/** ggml's own layout of `values`, little endian. */
export function encodeTensor(values: Float32Array, type: TensorType): Buffer {
  const out = Buffer.alloc(tensorBytes(type, values.length));
  switch (type) {
    case 'f32':
      values.forEach((value, i) => {
        out.writeFloatLE(value, i * 4);
      });
      break;
    case 'f16':
      values.forEach((value, i) => {
        out.writeUInt16LE(halfFloat(value), i * 2);
      });
      break;
    case 'q8_0':
      for (let b = 0; b < values.length; b += BLOCK)
        encodeQ8(values.subarray(b, b + BLOCK), out, (b / BLOCK) * 34);
      break;
    case 'q4_0':
      for (let b = 0; b < values.length; b += BLOCK)
        encodeQ4(values.subarray(b, b + BLOCK), out, (b / BLOCK) * 18);
      break;
  }
  return out;
}

/** 32 signed bytes after their common scale. */
function encodeQ8(block: Float32Array, out: Buffer, offset: number): void {
  let largest = 0;
  for (const value of block) largest = Math.max(largest, Math.abs(value));
  const scale = largest / 127;
  out.writeUInt16LE(halfFloat(scale), offset);
  for (let i = 0; i < block.length; i++) {
    out[offset + 2 + i] = scale === 0 ? 0 : Math.round((block[i] ?? 0) / scale) & 255;
  }
}

/** 32 nibbles after their common scale: value i in the low half of byte i, value i+16 in its high half. */
function encodeQ4(block: Float32Array, out: Buffer, offset: number): void {
  let extreme = 0;
  for (const value of block) if (Math.abs(value) > Math.abs(extreme)) extreme = value;
  const scale = extreme / -8;
  out.writeUInt16LE(halfFloat(scale), offset);
  const inverse = scale === 0 ? 0 : 1 / scale;
  for (let i = 0; i < 16; i++) {
    const low = Math.min(15, Math.trunc((block[i] ?? 0) * inverse + 8.5));
    const high = Math.min(15, Math.trunc((block[i + 16] ?? 0) * inverse + 8.5));
    out[offset + 2 + i] = low | (high << 4);
  }
}

const asFloat = new Float32Array(1);
const asBits = new Uint32Array(asFloat.buffer);

/** IEEE 754 binary16, rounded half up. */
export function halfFloat(value: number): number {
  asFloat[0] = value;
  const bits = asBits[0] ?? 0;
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 112;
  const mantissa = bits & 0x7fffff;
  if (exponent < -10) return sign;
  if (exponent <= 0) {
    const shift = 14 - exponent;
    return sign | (((mantissa | 0x800000) + (1 << (shift - 1))) >> shift);
  }
  if (exponent >= 31) return sign | 0x7c00;
  return (sign | (exponent << 10) | (mantissa >> 13)) + (mantissa & 0x1000 ? 1 : 0);
}
