// urql with its own exchanges: the one for HTTP offers to take a stream for everything, and reads subscriptions from one;
// beside it, subscriptions over graphql-ws.   usage: TOKEN=.. node urql.mjs URL AFTER
import { Client, cacheExchange, fetchExchange, gql, subscriptionExchange } from '@urql/core';
import { cacheExchange as normalisedCache } from '@urql/exchange-graphcache';
import { getIntrospectionQuery } from 'graphql';
import { createClient } from 'graphql-ws';
import { AFTER, AUTHORIZATION, SOCKET, URL, first, report } from './report.mjs';

const spoken = [];
/** The fetch of the platform, and a note of what was asked for and what came. */
async function noted(url, options) {
  const answer = await fetch(url, options);
  spoken.push({ status: answer.status, accept: options.headers.accept, type: answer.headers.get('content-type') });
  return answer;
}
/** What has no id of its own, and belongs to what it is in. */
const UNKEYED = Object.fromEntries(['Money', 'EventConnection', 'PageInfo'].map((name) => [name, () => null]));
UNKEYED.OrderSnapshot = ({ objectId, version }) => `${objectId}/${version}`;
const common = { url: URL, preferGetMethod: false, fetch: noted, fetchOptions: { headers: AUTHORIZATION } };
const sockets = createClient(SOCKET);
const forwardSubscription = ({ query, variables }) => ({
  subscribe: (sink) => ({ unsubscribe: sockets.subscribe({ query: query ?? '', variables }, sink) }),
});
const overSocket = new Client({ ...common, exchanges: [cacheExchange, subscriptionExchange({ forwardSubscription }), fetchExchange] });
const overFetch = new Client({ ...common, fetchSubscriptions: true, exchanges: [cacheExchange, fetchExchange] });

const introspected = await fetch(URL, {
  method: 'POST',
  headers: { ...AUTHORIZATION, 'content-type': 'application/json' },
  body: JSON.stringify({ query: getIntrospectionQuery() }),
});
const { data: schema } = await introspected.json(); // so that it knows which fragments are of which types
const caching = new Client({ ...common, exchanges: [normalisedCache({ schema, keys: UNKEYED }), fetchExchange] });

const PAGE = gql`query Page { products(sort: { field: NAME }) { totalCount nodes { id name price { amount } } } }`;
const ONE = gql`query One($sku: String!) { product(sku: $sku) { id name price { amount } } }`;
const CREATE = gql`mutation Create($input: CreateProductInput!) {
  createProduct(input: $input) { product { id name price { amount } } userErrors { code field } }
}`;
const ARCHIVE = gql`mutation Archive($id: ID!) { archiveProduct(input: { id: $id }) { product { id status } } }`;
const EVENTS = gql`subscription Events($after: Cursor) { events(after: $after) { type ... on ProductCreated { product { sku } } } }`;

const CREATE_ORDER = gql`mutation Sell($product: CreateProductInput!, $sku: String!) {
  createProduct(input: $product) { product { id } }
  createOrder(input: { items: [{ sku: $sku, quantity: 1 }] }) { order { id status version } userErrors { message } }
}`;
const CANCEL = gql`mutation Cancel($id: ID!) { cancelOrder(input: { id: $id }) { order { id status version } } }`;
const ORDER = gql`query Order($id: ID!) { order(id: $id) { id status version } }`;
const ACTIVITY = gql`query Activity($id: ID!) {
  events(filter: { objectId: $id }) {
    nodes {
      id type
      ... on OrderCreated { order { id status } then: snapshot { objectId status version } }
      ... on OrderCancelled { order { id status } then: snapshot { objectId status version } }
    }
  }
}`;

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
  async activity() {
    const product = { name: 'Iron mug', sku: 'IRON', price: { amount: '5.00' }, variants: [{ sku: 'IRON', inventory: 2 }] };
    const { data: { createOrder: { order } } } = await caching.mutation(CREATE_ORDER, { product, sku: 'IRON' });
    await caching.query(ORDER, { id: order.id });
    await caching.mutation(CANCEL, { id: order.id });
    let nodes = [];
    while (nodes.length < 2) { // an event is listed when it has its position, soon after the commit
      const { data } = await caching.query(ACTIVITY, { id: order.id }, { requestPolicy: 'network-only' });
      nodes = data.events.nodes;
    }
    const { data } = await caching.query(ORDER, { id: order.id }, { requestPolicy: 'cache-only' });
    const then = nodes.map((node) => [node.then.status, node.then.version]);
    return { then, cached: [data.order.status, data.order.version] };
  },
  async errors() {
    return {
      unknown: await refusal(overFetch, gql`{ nosuchfield }`, {}),
      variables: await refusal(overFetch, ONE, { sku: 7 }),
      anonymous: await refusal(new Client({ ...common, fetchOptions: {}, exchanges: [fetchExchange] }), ONE, { sku: 'mug-1' }),
    };
  },
});
