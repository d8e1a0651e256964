import { MockAgent } from 'undici';
import { expect, test } from 'vitest';
import { followRedirects } from '../../../../src/models/download/follow-redirects.js';
import { JsonServer } from '../../../doubles/servers/json-server.js';

test.each(['this machine', 'another'])('a redirect from https to http on %s is refused', async (where) => {
  const server = await JsonServer.start({ '/file': { body: 'private' } });
  const dispatcher = new MockAgent();
  dispatcher.enableNetConnect();
  const location = where === 'another' ? 'http://mirror.example/file' : `${server.url}/file`;
  dispatcher
    .get('https://hub.example')
    .intercept({ path: '/file' })
    .reply(302, '', { headers: { location } });
  const { signal } = new AbortController();
  const options = { headers: {}, token: null, dispatcher, signal };
  try {
    await expect(followRedirects('https://hub.example/file', options)).rejects.toMatchObject({
      kind: 'model-missing',
      message: 'https://hub.example redirects away from https.',
    });
    expect((await followRedirects(`${server.url}/file`, options)).response.statusCode).toBe(200);
  } finally {
    await dispatcher.close();
    await server.stop();
  }
});
