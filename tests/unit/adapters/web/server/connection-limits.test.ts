import { onTestFinished } from 'vitest';
import { openHttpServer } from '../../../../../adapters/web/server/http-server.js';
import { describeConnectionLimits } from '../../../../contracts/adapters/connection-limits.js';
import { RecordedLog } from '../../../../doubles/recorders/recorded-log.js';

describeConnectionLimits('/api/question', async (limits) => {
  const fetch = async (request: Request) => new Response(await request.text());
  const server = openHttpServer({ fetch, log: new RecordedLog(), keyIsSet: false, limits });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => server.stop());
  return port;
});
