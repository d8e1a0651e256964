import { once } from 'node:events';
import { connect } from 'node:net';

/** Sends bytes to a port of this machine, and resolves with what comes back until the connection ends. */
export async function exchangeBytes(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk) => {
    answer += String(chunk);
  });
  socket.on('error', () => {});
  socket.write(text);
  await once(socket, 'close');
  return answer;
}
