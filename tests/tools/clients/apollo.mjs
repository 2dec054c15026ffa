// Apollo Client as its documentation sets it up: HTTP for queries and mutations, graphql-ws for subscriptions, and a
// cache that joins the pages of Relay connections.   usage: TOKEN=.. node apollo.mjs URL AFTER
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { getMainDefinition, relayStylePagination } from '@apollo/client/utilities';
import { createClient } from 'graphql-ws';
import { AFTER, AUTHORIZATION, SOCKET, URL, first, report } from './report.mjs';

// docs: pages
const cache = () => new InMemoryCache({ typePolicies: { Query: { fields: { products: relayStylePagination() } } } });
// docs: end
const overHttp = (headers) => new HttpLink({ uri: URL, headers });
const overSocket = new GraphQLWsLink(createClient(SOCKET));
const link = ApolloLink.split(
  ({ query }) => getMainDefinition(query).operation === 'subscription', overSocket, overHttp(AUTHORIZATION),
);
const client = new ApolloClient({ link, cache: cache() });

const PAGE = gql`query Page($first: Int!, $after: String) {
  products(first: $first, after: $after, sort: { field: NAME }) {
    edges { node { id name price { amount } } }
    pageInfo { hasNextPage endCursor }
  }
}`;
const CREATE = gql`mutation Create($input: CreateProductInput!) {
  createProduct(input: $input) { product { id name price { amount } } userErrors { code field } }
}`;
const UPDATE = gql`mutation Update($input: UpdateProductInput!) {
  updateProduct(input: $input) { product { id price { amount } } userErrors { code } }
}`;
const EVENTS = gql`subscription Events($after: Cursor) {
  events(after: $after) {
    type changedFields
    ... on ProductCreated { product { id price { amount } } then: snapshot { objectId price { amount } } }
    ... on ProductUpdated { product { id price { amount } } then: snapshot { objectId price { amount } } }
  }
}`;
const SELL = gql`mutation Sell($product: CreateProductInput!, $sku: String!) {
  createProduct(input: $product) { product { id } }
  createOrder(input: { items: [{ sku: $sku, quantity: 1 }] }) { order { id status } userErrors { message } }
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
const STOCK = gql`query Stock($sku: String!) {
  product(sku: $sku) { id inventory { id totalAvailable } variants { id inventory levels { id onHand } } }
}`;
const ADJUST = gql`mutation Adjust($id: ID!) {
  adjustInventory(input: { productId: $id, quantity: 3, reason: "found" }) {
    product { id inventory { id totalAvailable } } variant { id inventory } level { id onHand }
  }
}`;
const stock = ({ inventory, variants: [{ inventory: available, levels: [{ onHand }] }] }) => [inventory.totalAvailable, available, onHand];
const names = ({ edges }) => edges.map(({ node }) => node.name);
const create = (sku, amount = '5.00') =>
  client.mutate({ mutation: CREATE, variables: { input: { name: 'Zinc mug', sku, price: { amount } } } });

/** What a caller can tell of a refusal: the class of the error, and its first code. */
async function refusal(asked) {
  const { error } = await asked;
  return [CombinedGraphQLErrors.is(error), error.errors?.[0].extensions.code ?? String(error)];
}

await report({
  async pages() {
    const watched = client.watchQuery({ query: PAGE, variables: { first: 2 } });
    const page = (await first(1, ({ next, error }) => {
      const watching = watched.subscribe((state) => (state.error ? error(state.error) : state.loading || next(state.data)));
      return () => watching.unsubscribe();
    }))[0].products;
    await watched.fetchMore({ variables: { after: page.pageInfo.endCursor } });
    const joined = client.readQuery({ query: PAGE, variables: { first: 2 } }).products;
    return { page: names(page), joined: names(joined), more: [page.pageInfo.hasNextPage, joined.pageInfo.hasNextPage] };
  },
  async mutations() {
    const { data: { createProduct: { product, userErrors } } } = await create('APOLLO-1');
    const { data: { createProduct: again } } = await create('apollo-1');
    const id = client.cache.identify(product);
    const change = { id: product.id, price: { amount: '7.5' } };
    await client.mutate({ mutation: UPDATE, variables: { input: change } });
    const cached = client.cache.readFragment({ id, fragment: gql`fragment Cached on Product { name price { amount } }` });
    return { userErrors, again, cached: [cached.name, cached.price.amount] };
  },
  subscription: () =>
    first(2, (sink) => {
      const watching = client.subscribe({ query: EVENTS, variables: { after: AFTER } }).subscribe({
        ...sink,
        next: ({ data, error }) => (error ? sink.error(error) : sink.next(data.events)),
      });
      return () => watching.unsubscribe();
    }),
  async activity() {
    const product = { name: 'Iron mug', sku: 'IRON', price: { amount: '5.00' }, variants: [{ sku: 'IRON', inventory: 2 }] };
    const { data: { createOrder: { order } } } = await client.mutate({ mutation: SELL, variables: { product, sku: 'IRON' } });
    await client.mutate({ mutation: CANCEL, variables: { id: order.id } });
    let nodes = [];
    while (nodes.length < 2) { // an event is listed when it has its position, soon after the commit
      const { data } = await client.query({ query: ACTIVITY, variables: { id: order.id }, fetchPolicy: 'network-only' });
      nodes = data.events.nodes;
    }
    const cached = client.readQuery({ query: ORDER, variables: { id: order.id } })?.order
      ?? client.cache.readFragment({ id: client.cache.identify(order), fragment: gql`fragment O on Order { id status version }` });
    return { then: nodes.map((node) => [node.then.status, node.then.version]), cached: [cached.status, cached.version] };
  },
  async stock() {
    const asked = { query: STOCK, variables: { sku: 'IRON' } };
    const { data: { product } } = await client.query(asked);
    await client.mutate({ mutation: ADJUST, variables: { id: product.id } });
    return { shown: stock(product), cached: stock(client.readQuery(asked).product) };
  },
  async errors() {
    const as = (headers) => new ApolloClient({ link: overHttp(headers), cache: cache() });
    const wrong = gql`subscription { events(after: "nonsense") { id } }`;
    const ask = (asking, query) => refusal(asking.query({ query, errorPolicy: 'all' }));
    return {
      unknown: await ask(client, gql`{ nosuchfield }`),
      badArgument: await ask(client, gql`{ products(first: 201) { nodes { id } } }`),
      anonymous: await ask(as({}), gql`{ shop { id } }`),
      forbidden: await ask(as({ authorization: `Bearer ${process.env.POOR}` }), gql`{ apiKeys { nodes { id } } }`),
      socket: await refusal(new Promise((next) => client.subscribe({ query: wrong }).subscribe({ next }))),
    };
  },
});
