// How GraphiQL reaches the gateway: JSON by POST, subscriptions as server-sent events.
import { getOperationAST, parse } from 'graphql';
import { responses } from './streaming.js';

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

/** The operation that is meant; null where the server must say what is wrong. */
function operationOf({ query, operationName }) {
  try {
    const document = parse(query);
    return getOperationAST(document, operationName) ?? getOperationAST(document);
  } catch {
    return null;
  }
}

/**
 * What GraphiQL calls a fetcher. `keyOf` answers the key of the page's field, used where no header names another. What
 * GraphiQL knows of the document and the operation's name is of the tab before for a moment, so neither is relied on.
 */
export function fetcherWith(keyOf) {
  return (request, { headers = {} } = {}) => {
    const named = Object.keys(headers).some((name) => name.toLowerCase() === 'authorization');
    const key = keyOf();
    const sent = named || !key ? headers : { ...headers, Authorization: `Bearer ${key}` };
    const operation = operationOf(request);
    const asked = operation ? { ...request, operationName: operation.name?.value } : request;
    return operation?.operation === 'subscription' ? responses(`${ENDPOINT}/stream`, asked, sent) : answer(asked, sent);
  };
}
