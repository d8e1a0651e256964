import type { ResponseHeaders } from './follow-redirects.js';

/** What a source says of a file before all of it has come. */
export interface StatedFile {
  /** Hexadecimal. */
  readonly sha256: string | null;
  readonly bytes: number | null;
  /** Strong ones only: equal for equal bytes. */
  readonly etag: string | null;
}

/**
 * Reads the checksum, size and validator out of the headers of a download.
 *
 * The Hugging Face hub states a file's SHA-256 and size in `x-linked-etag` and `x-linked-size` of the answer that
 * redirects; other servers in `repr-digest` (RFC 9530), `digest` (RFC 3230) or, for S3, `x-amz-checksum-sha256`.
 *
 * @param headers - of each response on the way, the one with the body last
 */
export function statedFile(headers: readonly ResponseHeaders[]): StatedFile {
  const all = headers.map((one) => (name: string) => single(one[name]));
  const first = (read: (header: (name: string) => string) => string | null) =>
    all.map(read).find((value) => value !== null) ?? null;
  const last = all.at(-1) ?? (() => '');

  const linkedSize = first((header) => digits(header('x-linked-size')));
  const rangeTotal = /\/(\d+)$/.exec(last('content-range'))?.[1];
  const length = last('content-range') === '' ? digits(last('content-length')) : null;
  const bytes = linkedSize ?? rangeTotal ?? length;
  const etag = last('etag');
  return {
    sha256: first(
      (header) =>
        hexadecimal(header('x-linked-etag')) ??
        base64(/sha-256=:?([A-Za-z0-9+/=]{44})/i.exec(`${header('repr-digest')} ${header('digest')}`)?.[1]) ??
        base64(header('x-amz-checksum-sha256')),
    ),
    bytes: bytes === null || bytes === undefined ? null : Number(bytes),
    etag: /^"[^"]+"$/.test(etag) ? etag : null,
  };
}

function single(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value[0] : value) ?? '';
}

function digits(text: string): string | null {
  return /^\d{1,15}$/.test(text) ? text : null;
}

function hexadecimal(text: string): string | null {
  return /^(?:W\/)?"?([0-9a-f]{64})"?$/i.exec(text)?.[1]?.toLowerCase() ?? null;
}

function base64(text: string | undefined): string | null {
  const bytes = Buffer.from(text ?? '', 'base64');
  return bytes.length === 32 ? bytes.toString('hex') : null;
}
