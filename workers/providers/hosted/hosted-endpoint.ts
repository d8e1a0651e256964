import { ExpectedFailure } from '../../../src/domain/failure.js';

/** Where hosted models are reached. */
export type HostedEndpoint =
  | {
      readonly kind: 'huggingface';
      /** Default: Hugging Face's router, which reaches all of its providers. */
      readonly baseUrl?: string;
      readonly token: string;
      /** One of the router's providers or policies (`together`, `groq`, `fastest`, …). Default: the account's order. */
      readonly provider?: string;
    }
  | {
      readonly kind: 'openai-compatible';
      /** As in `OPENAI_BASE_URL`: `https://api.openai.com/v1`, `http://localhost:11434/v1`. */
      readonly baseUrl: string;
      readonly apiKey?: string;
    };

/** An endpoint as requests are made to it. */
export interface ResolvedEndpoint {
  /** Host and port: names the endpoint in messages and logs. */
  readonly name: string;
  /** Full address of chat completions. */
  readonly url: URL;
  /** Empty: none is sent. */
  readonly token: string;
  /** The endpoint's own name for a model. */
  modelName(model: string): string;
}

const HUGGING_FACE_ROUTER = 'https://router.huggingface.co/v1';

/** @throws {ExpectedFailure} `setup` for an address that is none, or a key that no header can carry */
export function resolveEndpoint(endpoint: HostedEndpoint): ResolvedEndpoint {
  const key = endpoint.kind === 'huggingface' ? endpoint.token : (endpoint.apiKey ?? '');
  // Checked here, since the HTTP client's own error would quote the key.
  if (!/^[\x21-\x7e]*$/.test(key)) {
    throw new ExpectedFailure(
      'setup',
      'the key of a model endpoint holds a space or a character outside ASCII',
    );
  }
  if (endpoint.kind === 'openai-compatible') {
    const url = completionsUrl(endpoint.baseUrl);
    return { name: url.host, url, token: key, modelName: (model) => model };
  }
  const url = completionsUrl(endpoint.baseUrl ?? HUGGING_FACE_ROUTER);
  const { provider } = endpoint;
  const modelName = (model: string) =>
    provider === undefined || provider === 'auto' || model.includes(':') ? model : `${model}:${provider}`;
  return { name: url.host, url, token: key, modelName };
}

/**
 * The address of chat completions below a base address: a bare host gets `/v1`, a path is kept as it is,
 * and so is a query (`?api-version=…`).
 *
 * @throws {ExpectedFailure} `setup` for an address that is not http or https, or has a user name in it
 */
export function completionsUrl(baseUrl: string): URL {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new ExpectedFailure('setup', 'the address of a model endpoint must begin with http:// or https://');
  }
  if (url.username !== '' || url.password !== '') {
    throw new ExpectedFailure('setup', `the address of ${url.host} must not contain a user name or password`);
  }
  url.hash = '';
  const path = url.pathname.replace(/\/+$/, '');
  if (path.endsWith('/chat/completions')) url.pathname = path;
  else url.pathname = `${path === '' ? '/v1' : path}/chat/completions`;
  return url;
}
