import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface JsonAnswer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

/** An API of fixed answers by path, query left out; 404 elsewhere. `null` never answers. */
export class JsonServer {
  readonly requests: { readonly path: string; readonly headers: IncomingHttpHeaders }[] = [];
  readonly #server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    this.requests.push({ path, headers: request.headers });
    const answer = this.#answers[path];
    if (answer === null) return;
    const { status = 200, headers = {}, body = {} } = answer ?? { status: 404 };
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  });
  readonly #answers: Readonly<Record<string, JsonAnswer | null>>;

  private constructor(answers: Readonly<Record<string, JsonAnswer | null>>) {
    this.#answers = answers;
  }

  static async start(answers: Readonly<Record<string, JsonAnswer | null>>): Promise<JsonServer> {
    const double = new JsonServer(answers);
    await new Promise<void>((resolve) => double.#server.listen(0, '127.0.0.1', resolve));
    return double;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
