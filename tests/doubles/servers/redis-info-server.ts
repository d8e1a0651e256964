import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** A Redis that says of itself what it is told to: INFO is answered, everything else is OK. */
export class RedisInfoServer {
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  private constructor(info: string) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      let read = '';
      socket.on('data', (chunk) => {
        read += chunk.toString('latin1');
        for (let command = nextCommand(read); command !== null; command = nextCommand(read)) {
          read = read.slice(command.length);
          const bulk = `$${Buffer.byteLength(info)}\r\n${info}\r\n`;
          socket.write(command.name === 'INFO' ? bulk : '+OK\r\n');
        }
      });
    });
  }

  static async start(fields: Readonly<Record<string, string>>): Promise<RedisInfoServer> {
    const lines = Object.entries(fields).map(([name, value]) => `${name}:${value}\r\n`);
    const double = new RedisInfoServer(`# Server\r\n${lines.join('')}`);
    await new Promise<void>((resolve) => double.#server.listen(0, '127.0.0.1', resolve));
    return double;
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** The first whole command of a RESP stream: an array of bulk strings. */
function nextCommand(read: string): { readonly name: string; readonly length: number } | null {
  const head = /^\*(\d+)\r\n/.exec(read);
  if (head === null) return null;
  let at = head[0].length;
  let name = '';
  for (let i = 0; i < Number(head[1]); i++) {
    const size = /^\$(\d+)\r\n/.exec(read.slice(at));
    if (size === null) return null;
    const start = at + size[0].length;
    if (i === 0) name = read.slice(start, start + Number(size[1])).toUpperCase();
    at = start + Number(size[1]) + 2;
  }
  return at > read.length ? null : { name, length: at };
}
