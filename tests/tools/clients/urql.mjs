// urql with its own exchanges: the one for HTTP offers to take a stream for everything, and reads subscriptions from one;
// beside it, subscriptions over graphql-ws.   usage: TOKEN=.. node urql.mjs URL AFTER
import { Client, cacheExchange, fetchExchange, gql, subscriptionExchange } from '@urql/core';
import { createClient } from 'graphql-ws';
import { AFTER, AUTHORIZATION, SOCKET, URL, first, report } from './report.mjs';

const spoken = [];
/** The fetch of the platform, and a note of what was asked for and what came. */
async function noted(url, options) {
  const answer = await fetch(url, options);
  spoken.push({ status: answer.status, accept: options.headers.accept, type: answer.headers.get('content-type') });
  return answer;
}
const common = { url: URL, preferGetMethod: false, fetch: noted, fetchOptions: { headers: AUTHORIZATION } };
const sockets = createClient(SOCKET);
const forwardSubscription = ({ query, variables }) => ({
  subscribe: (sink) => ({ unsubscribe: sockets.subscribe({ query: query ?? '', variables }, sink) }),
});
const overSocket = new Client({ ...common, exchanges: [cacheExchange, subscriptionExchange({ forwardSubscription }), fetchExchange] });
const overFetch = new Client({ ...common, fetchSubscriptions: true, exchanges: [cacheExchange, fetchExchange] });

const PAGE = gql`query Page { products(sort: { field: NAME }) { totalCount nodes { id name price { amount } } } }`;
const ONE = gql`query One($sku: String!) { product(sku: $sku) { id name price { amount } } }`;
const CREATE = gql`mutation Create($input: CreateProductInput!) {
  createProduct(input: $input) { product { id name price { amount } } userErrors { code field } }
}`;
const ARCHIVE = gql`mutation Archive($id: ID!) { archiveProduct(input: { id: $id }) { product { id status } } }`;
const EVENTS = gql`subscription Events($after: Cursor) { events(after: $after) { type ... on ProductCreated { product { sku } } } }`;

const followed = (client, context) =>
  first(2, (sink) => {
    const next = ({ data, error }) => (error ? sink.error(error) : sink.next(data.events));
    const { unsubscribe } = client.subscription(EVENTS, { after: AFTER }, context).subscribe(next);
    return unsubscribe;
  });

async function refusal(client, query, variables) {
  const { data, error } = await client.query(query, variables);
  return { data: data ?? null, codes: error.graphQLErrors.map(({ extensions }) => extensions.code), status: error.response?.status };
}

await report({
  async query() {
    const { data, error } = await overFetch.query(PAGE, {});
    return { names: data.products.nodes.map(({ name }) => name), total: data.products.totalCount, error: error ?? null, ...spoken.at(-1) };
  },
  async get() {
    const { data } = await overFetch.query(ONE, { sku: 'mug-2' }, { preferGetMethod: 'force' });
    return { name: data.product.name, ...spoken.at(-1) };
  },
  async mutation() {
    const input = { name: 'Zinc mug', sku: 'URQL-1', price: { amount: '5.00' } };
    const { data: { createProduct } } = await overFetch.mutation(CREATE, { input });
    const { type } = spoken.at(-1);
    const { data: { createProduct: again } } = await overFetch.mutation(CREATE, { input });
    await overFetch.mutation(ARCHIVE, { id: createProduct.product.id });
    const { data } = await overFetch.query(PAGE, {}); // archiving made what was cached of products stale
    return { created: createProduct, again, type, total: data.products.totalCount };
  },
  socket: () => followed(overSocket),
  stream: async () => ({ events: await followed(overFetch, { url: `${URL}/stream` }), ...spoken.at(-1) }),
  async errors() {
    return {
      unknown: await refusal(overFetch, gql`{ nosuchfield }`, {}),
      variables: await refusal(overFetch, ONE, { sku: 7 }),
      anonymous: await refusal(new Client({ ...common, fetchOptions: {}, exchanges: [fetchExchange] }), ONE, { sku: 'mug-1' }),
    };
  },
});
