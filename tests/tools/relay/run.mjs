// The runtime of Relay with what its compiler made of src/Shelf.js.   usage: TOKEN=.. node run.mjs URL AFTER
import { createRequire } from 'node:module';
import { createClient } from 'graphql-ws';
import relay from 'relay-runtime';
import { AFTER, AUTHORIZATION, SOCKET, URL, first, report } from '../../clients/report.mjs';

const { Environment, Network, Observable, RecordSource, Store } = relay;
const { commitMutation, createOperationDescriptor, fetchQuery, getRequest, getSelector, requestSubscription } = relay;
const require = createRequire(import.meta.url);
const made = (name) => require(`./__generated__/${name}.graphql.js`);

const headers = { ...AUTHORIZATION, 'content-type': 'application/json', accept: 'application/graphql-response+json' };
async function ask({ text: query }, variables) {
  const answer = await fetch(URL, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  return answer.json();
}
const sockets = createClient(SOCKET);
const follow = ({ text: query }, variables) => Observable.create((sink) => sockets.subscribe({ query, variables }, sink));

const environment = new Environment({ network: Network.create(ask, follow), store: new Store(new RecordSource()) });
const shelf = createOperationDescriptor(getRequest(made('ShelfQuery')), { count: 2, cursor: null });
environment.retain(shelf);

/** What a component with this fragment is shown. */
const shown = (fragment, reference) => environment.lookup(getSelector(made(fragment), reference)).data;
/** The whole shelf as its components would see it now. */
function shelved() {
  const { products } = shown('Shelf_query', environment.lookup(shelf.fragment).data);
  return { ...products, edges: products.edges.map(({ node }) => ({ id: node.id, ...shown('Shelf_product', node) })) };
}
const names = () => shelved().edges.map(({ name }) => name);

await report({
  async first() {
    const data = await fetchQuery(environment, made('ShelfQuery'), shelf.request.variables).toPromise();
    return { scopes: data.viewer.scopes, ...shelved() };
  },
  async second() {
    const { endCursor } = shelved().pageInfo;
    await fetchQuery(environment, made('ShelfPaginationQuery'), { count: 2, cursor: endCursor }).toPromise();
    return { names: names(), more: shelved().pageInfo.hasNextPage };
  },
  async refetch() {
    const [{ id }] = shelved().edges;
    const { node } = await fetchQuery(environment, made('ShelfProductRefetchQuery'), { id }).toPromise();
    return { asked: id, name: shown('Shelf_product', node).name };
  },
  async nodes() {
    const [{ id }] = shelved().edges;
    const { nodes } = await fetchQuery(environment, made('ShelfNodesQuery'), { ids: [id, 'prod_0'] }).toPromise();
    return nodes.map((node) => node?.__typename ?? null);
  },
  async mutation() {
    const [{ id }] = shelved().edges;
    const rename = (name) => new Promise((onCompleted, onError) => {
      commitMutation(environment, { mutation: made('ShelfRenameMutation'), variables: { input: { id, name } }, onCompleted, onError });
    });
    const { updateProduct: { userErrors } } = await rename('');
    await rename('Azure mug');
    return { userErrors, names: names() };
  },
  subscription: () => first(1, ({ next: onNext, error: onError }) => {
    const config = { subscription: made('ShelfSubscription'), variables: { after: AFTER }, onNext, onError };
    const { dispose } = requestSubscription(environment, config);
    return dispose;
  }),
  errors: () => fetchQuery(environment, made('ShelfQuery'), { count: 201, cursor: null }).toPromise().catch(String),
});
