import { INFERENCE_PROVIDERS } from '@huggingface/inference';
import { ExpectedFailure } from '../../../src/domain/failure.js';
import type { Route } from './request-body.js';

/** Where hosted models are reached. */
export type HostedEndpoint =
  | {
      readonly kind: 'huggingface';
      /** Default: Hugging Face's own, where its client finds the way to the provider. */
      readonly baseUrl?: string;
      readonly token: string;
      /** A provider or a policy of the router (`together`, `groq`, `fastest`, …). Default: the account's order. */
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
  /** Empty: none is sent. */
  readonly token: string;
  /** What the address that the client makes lacks: it takes no query. */
  readonly query: string;
  /** What tells the client where to go for a model. */
  route(model: string): Route;
}

const HUGGING_FACE_ROUTER = 'https://router.huggingface.co/v1';
/** The client goes to Hugging Face with a key of this form alone, and with any other straight to a provider. */
const HUGGING_FACE_KEY = /^hf_/;

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
  const provider = endpoint.kind === 'huggingface' ? endpoint.provider : undefined;
  if (endpoint.kind === 'huggingface' && endpoint.baseUrl === undefined && HUGGING_FACE_KEY.test(key)) {
    const { host } = new URL(HUGGING_FACE_ROUTER);
    return { name: host, token: key, query: '', route: (model) => clientRoute(model, provider) };
  }
  const url = completionsUrl(endpoint.baseUrl ?? HUGGING_FACE_ROUTER);
  const endpointUrl = url.origin + url.pathname;
  const route = (model: string) => ({ endpointUrl, model: withProvider(model, provider) });
  return { name: url.host, token: key, query: url.search, route };
}

/** Providers that the client knows it goes to by itself; a policy is the router's to follow. */
function clientRoute(model: string, provider: string | undefined): Route {
  const known = INFERENCE_PROVIDERS.find((name) => name === provider);
  return known === undefined || model.includes(':')
    ? { model: withProvider(model, provider) }
    : { model, provider: known };
}

/** A model's name as the router reads it. */
function withProvider(model: string, provider: string | undefined): string {
  return provider === undefined || provider === 'auto' || model.includes(':')
    ? model
    : `${model}:${provider}`;
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
