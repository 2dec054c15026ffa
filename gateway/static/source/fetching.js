// How GraphiQL reaches the gateway: JSON by POST, subscriptions as server-sent events read by fetch(), since an
// EventSource cannot send the Authorization header.
import { getOperationAST } from 'graphql';
import { createClient } from 'graphql-sse';

const ENDPOINT = location.pathname.replace(/\/+$/, '');
const ACCEPT = 'application/graphql-response+json, application/json;q=0.9';

async function answer(request, headers) {
  const response = await fetch(ENDPOINT, {
    method: 'POST',
    headers: { ...headers, Accept: ACCEPT, 'Content-Type': 'application/json' },
    body: JSON.stringify(request),
    credentials: 'omit',
  });
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${response.status} ${response.statusText}: ${text.slice(0, 500)}`);
  }
}

/** A connection that breaks is tried again, five times; a request that is refused (4xx) would be refused again. */
async function* events(request, headers) {
  let refused = null;
  const client = createClient({
    url: `${ENDPOINT}/stream`,
    headers,
    credentials: 'omit',
    fetchFn: async (...asked) => {
      const response = await fetch(...asked);
      refused = response.status >= 400 && response.status < 500 ? response.clone() : null;
      return response;
    },
    retry: async (tries) => {
      if (refused) throw new Error(`${refused.status} ${refused.statusText}: ${(await refused.text()).slice(0, 500)}`);
      await new Promise((resolve) => setTimeout(resolve, 1000 * 2 ** tries));
    },
  });
  try {
    yield* client.iterate(request);
  } finally {
    client.dispose();
  }
}

/** What GraphiQL calls a fetcher. `keyOf` answers the key of the page's field, used where no header names another. */
export function fetcherWith(keyOf) {
  return (request, { headers = {}, documentAST } = {}) => {
    const named = Object.keys(headers).some((name) => name.toLowerCase() === 'authorization');
    const key = keyOf();
    const sent = named || !key ? headers : { ...headers, Authorization: `Bearer ${key}` };
    const operation = documentAST && getOperationAST(documentAST, request.operationName);
    return operation?.operation === 'subscription' ? events(request, sent) : answer(request, sent);
  };
}
