import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { awaitCondition } from '../await-condition.js';

/** One post as it arrived. */
export interface Posted {
  readonly path: string;
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly at: number;
}

export type Answer =
  | { readonly status: number; readonly headers?: Record<string, string> }
  /** Reads the request and never answers. */
  | 'hang'
  /** Breaks the connection instead of answering. */
  | 'cut';

/** An http server on 127.0.0.1 that takes posts. It answers 200 unless a test has queued something else. */
export class LogServer {
  readonly posts: Posted[] = [];
  /** Given to the next requests, one each. */
  readonly answers: Answer[] = [];
  readonly #server: Server;
  #port = 0;

  private constructor() {
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      this.posts.push({
        path: request.url ?? '',
        method: request.method ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
        at: performance.now(),
      });
      answer(response, this.answers.shift() ?? { status: 200 });
    });
  }

  static async open(port = 0): Promise<LogServer> {
    const double = new LogServer();
    double.#server.listen(port, '127.0.0.1');
    await once(double.#server, 'listening');
    double.#port = (double.#server.address() as AddressInfo).port;
    return double;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/turns?from=parley`;
  }

  /** Resolves once `count` posts have arrived in all. */
  async received(count: number): Promise<void> {
    await awaitCondition(() => this.posts.length >= count);
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

function answer(response: ServerResponse, how: Answer): void {
  if (how === 'hang') return;
  if (how === 'cut') {
    response.destroy();
    return;
  }
  response.writeHead(how.status, how.headers).end('thank you');
}
