import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the server of the bytes does wrong, once each, in order. */
export type HubFault =
  | { readonly type: 'status'; readonly status: number; readonly headers?: Record<string, string> }
  /** Drops the connection after so many bytes of the answer. */
  | { readonly type: 'cut'; readonly after: number }
  /** Sends nothing more after so many bytes. */
  | { readonly type: 'stall'; readonly after: number }
  /** Answers with the whole file, whatever range was asked for. */
  | { readonly type: 'whole' }
  /** Sends as many bytes, but others. */
  | { readonly type: 'garbled' };

export interface HubRequest {
  readonly server: 'hub' | 'storage';
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** Bytes of the file that were sent. */
  sent: number;
}

interface StoredFile {
  readonly bytes: Buffer;
  readonly stated: string | null;
}

/**
 * The Hugging Face hub as a downloader sees it: `resolve` addresses that state checksum and size and redirect to
 * another origin, which serves byte ranges. Plain addresses of the second origin stand for any web server.
 */
export class ModelHub {
  readonly requests: HubRequest[] = [];
  readonly faults: HubFault[] = [];
  readonly #files = new Map<string, StoredFile>();
  readonly #headers = new Map<string, Record<string, string>>();
  readonly #hub = createServer((request, response) => this.#resolve(request, response));
  readonly #storage = createServer((request, response) => this.#send(request, response));

  static async start(): Promise<ModelHub> {
    const hub = new ModelHub();
    await Promise.all([listen(hub.#hub), listen(hub.#storage)]);
    return hub;
  }

  get url(): string {
    return origin(this.#hub);
  }

  get storageUrl(): string {
    return origin(this.#storage);
  }

  /** Offers a file at `owner/name/resolve/<revision>/<file>` of the hub. */
  offer(path: string, bytes: Buffer, { stated = sha256(bytes) }: { stated?: string | null } = {}): void {
    this.#files.set(`/${path}`, { bytes, stated });
    this.put(`blob/${path}`, bytes);
  }

  /** Offers a file at a plain address of the storage server, with further headers. */
  put(path: string, bytes: Buffer, headers: Record<string, string> = {}): void {
    this.#files.set(`storage/${path}`, { bytes, stated: null });
    this.#headers.set(`storage/${path}`, headers);
  }

  /** Drops every connection to the storage server, as a network does. */
  dropConnections(): void {
    this.#storage.closeAllConnections();
  }

  /** Bytes of files sent by the storage server in all. */
  get sent(): number {
    return this.requests.reduce((sum, request) => sum + request.sent, 0);
  }

  async stop(): Promise<void> {
    for (const server of [this.#hub, this.#storage]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  #resolve(request: IncomingMessage, response: ServerResponse): void {
    const path = pathOf(request);
    this.requests.push({ server: 'hub', path, headers: request.headers, sent: 0 });
    const file = this.#files.get(path);
    if (file === undefined) {
      response.writeHead(404).end('Entry not found');
      return;
    }
    const stated = file.stated === null ? {} : { 'x-linked-etag': `"${file.stated}"` };
    const location = `${this.storageUrl}/blob${encodeURI(path)}`;
    response.writeHead(302, { ...stated, 'x-linked-size': String(file.bytes.length), location }).end();
  }

  #send(request: IncomingMessage, response: ServerResponse): void {
    const path = pathOf(request).slice(1);
    const entry: HubRequest = { server: 'storage', path, headers: request.headers, sent: 0 };
    this.requests.push(entry);
    const file = this.#files.get(`storage/${path}`);
    const fault = file === undefined ? undefined : this.faults.shift();
    if (file === undefined || fault?.type === 'status') {
      const { status, headers } = fault?.type === 'status' ? fault : { status: 404, headers: {} };
      response.writeHead(status, headers).end('no');
      return;
    }
    const etag = `"${sha256(file.bytes).slice(0, 16)}"`;
    const start = fault?.type === 'whole' ? 0 : rangeStart(request, etag);
    const total = file.bytes.length;
    if (start >= total) {
      response.writeHead(416, { 'content-range': `bytes */${total}` }).end();
      return;
    }
    const part = file.bytes.subarray(start);
    const body = fault?.type === 'garbled' ? Buffer.alloc(part.length, 'x') : part;
    const limit = fault?.type === 'cut' || fault?.type === 'stall' ? fault.after : body.length;
    response.writeHead(start > 0 ? 206 : 200, {
      ...this.#headers.get(`storage/${path}`),
      etag,
      'accept-ranges': 'bytes',
      'content-length': String(body.length),
      ...(start > 0 ? { 'content-range': `bytes ${start}-${total - 1}/${total}` } : {}),
    });
    const sending = body.subarray(0, limit);
    entry.sent = sending.length;
    if (limit >= body.length) response.end(sending);
    else response.write(sending, () => fault?.type === 'cut' && setImmediate(() => response.destroy()));
  }
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** 0 where the whole file is wanted, or `if-range` names another version of it. */
function rangeStart(request: IncomingMessage, etag: string): number {
  const condition = request.headers['if-range'];
  if (condition !== undefined && condition !== etag) return 0;
  return Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
}

function pathOf(request: IncomingMessage): string {
  return decodeURIComponent((request.url ?? '').split('?')[0] ?? '');
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
}

function origin(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
