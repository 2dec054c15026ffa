// Clients that repeat a mutation whose answer was lost, set up as docs/clients.md says.   usage: TOKEN=.. node retries.mjs URL
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { RetryLink } from '@apollo/client/link/retry';
import { getMainDefinition } from '@apollo/client/utilities';
import { Client, cacheExchange, fetchExchange, makeOperation, mapExchange } from '@urql/core';
import { retryExchange } from '@urql/exchange-retry';
import { gql } from '@apollo/client';
import { AUTHORIZATION, URL, report } from './report.mjs';

const url = URL;
const headers = AUTHORIZATION;

/** The fetch of the platform, which loses the answers of the first `count` requests after the gateway has done them. */
function losing(count) {
  let lost = 0;
  const keys = [];
  const fetching = async (address, options) => {
    const answer = await fetch(address, options);
    keys.push(new Headers(options.headers).get('idempotency-key'));
    if (lost++ < count) throw new TypeError('the answer was lost');
    return answer;
  };
  return { fetching, keys };
}

const CREATE = gql`mutation Create($input: CreateProductInput!) {
  createProduct(input: $input) { product { sku } userErrors { code } }
}`;
const input = (sku) => ({ name: 'Zinc mug', sku, price: { amount: '5.00' } });

function apollo(fetch) {
  // docs: apollo
  const keyLink = new ApolloLink((operation, forward) => {
    if (getMainDefinition(operation.query).operation === 'mutation') {
      const key = crypto.randomUUID(); // made once, before the link that repeats
      operation.setContext(({ headers }) => ({ headers: { ...headers, 'Idempotency-Key': key } }));
    }
    return forward(operation);
  });
  const client = new ApolloClient({
    link: ApolloLink.from([keyLink, new RetryLink(), new HttpLink({ uri: url, headers, fetch })]),
    cache: new InMemoryCache(),
  });
  // docs: end
  return client;
}

function urql(fetch) {
  // docs: urql
  const keyExchange = mapExchange({
    onOperation(operation) {
      if (operation.kind !== 'mutation') return operation;
      const key = crypto.randomUUID(); // made once, before the exchange that repeats
      const fetchOptions = { headers: { ...headers, 'Idempotency-Key': key } };
      return makeOperation(operation.kind, operation, { ...operation.context, fetchOptions });
    },
  });
  const client = new Client({
    url, fetch, preferGetMethod: false, fetchOptions: { headers },
    exchanges: [cacheExchange, keyExchange, retryExchange({ retryIf: ({ networkError }) => !!networkError }), fetchExchange],
  });
  // docs: end
  return client;
}

await report({
  async apollo() {
    const { fetching, keys } = losing(2);
    const { data } = await apollo(fetching).mutate({ mutation: CREATE, variables: { input: input('RETRY-A') } });
    return { ...data.createProduct, requests: keys.length, keys: new Set(keys).size };
  },
  async urql() {
    const { fetching, keys } = losing(1);
    const { data } = await urql(fetching).mutation(CREATE, { input: input('RETRY-U') });
    return { ...data.createProduct, requests: keys.length, keys: new Set(keys).size };
  },
  async body() {
    const body = { query: 'mutation ($input: CreateProductInput!) { createProduct(input: $input) { product { sku } userErrors { code } } }',
      variables: { input: input('RETRY-B') }, extensions: { idempotencyKey: crypto.randomUUID() } };
    const send = () => fetch(url, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) });
    const [once, again] = [await send(), await send()];
    const answers = [await once.json(), await again.json()];
    return { ...answers[1].data.createProduct, replayed: again.headers.get('idempotent-replayed') };
  },
});
