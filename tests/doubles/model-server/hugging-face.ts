import type { Dispatcher } from 'undici';

/** Lets requests to Hugging Face end at a double, and keeps where they were to go. */
export function atDouble(double: string, asked: string[]): Dispatcher.DispatcherComposeInterceptor {
  const { origin } = new URL(double);
  return (dispatch) => (options, handler) => {
    asked.push(`${options.origin}${options.path}`);
    return dispatch({ ...options, origin }, handler);
  };
}
