// Exit code 0 where the process in this container answers: what HEALTHCHECK asks, without curl in the image.
const host = process.env['PARLEY_HOST'];
const any = host === undefined || host === '0.0.0.0' || host === '::';
const name = any ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
const url = `http://${name}:${process.env['PARLEY_PORT'] ?? '3000'}/healthz`;
const answer = await fetch(url, { signal: AbortSignal.timeout(4_000) }).catch(() => null);
process.exit(answer?.ok ? 0 : 1);
