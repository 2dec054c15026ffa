// Following events over graphql-ws across broken connections, as docs/clients.md says.   usage: TOKEN=.. node resume.mjs URL AFTER
import { createClient } from 'graphql-ws';
import { AUTHORIZATION, SOCKET, URL, report } from './report.mjs';

// docs: resume
const EVENTS = 'subscription ($after: Cursor) { events(after: $after) { id type cursor } }';

/** Hand every event to `handle`, once each and in order; `state.after` is the cursor to be kept across restarts. */
async function follow(client, state, handle) {
  for (let pause = 100; !state.done; pause = Math.min(2 * pause, 30_000)) {
    try {
      for await (const { data } of client.iterate({ query: EVENTS, variables: { after: state.after } })) {
        await handle(data.events);
        state.after = data.events.cursor; // only now: what was not handled comes again
        pause = 100;
      }
    } catch {
      await new Promise((wake) => setTimeout(wake, pause));
    }
  }
}
// docs: end

async function create(sku) {
  const query = 'mutation ($input: CreateProductInput!) { createProduct(input: $input) { userErrors { code } } }';
  const body = JSON.stringify({ query, variables: { input: { name: 'Zinc mug', sku, price: { amount: '5' } } } });
  await fetch(URL, { method: 'POST', headers: { ...AUTHORIZATION, 'content-type': 'application/json' }, body });
}

await report({
  async resumed() {
    const seen = [];
    const sockets = [];
    const client = createClient({ ...SOCKET, on: { opened: (socket) => sockets.push(socket) } });
    const state = { after: 'e1.0', done: false };
    await follow(client, state, async ({ type, cursor }) => {
      seen.push([type, cursor]);
      if (seen.length === 3) {
        sockets.at(-1).terminate(); // the connection breaks, and something happens meanwhile
        await create('RESUMED');
      }
      if (seen.length === 4) {
        state.done = true;
        client.terminate();
      }
    });
    return { types: seen.map(([type]) => type), cursors: new Set(seen.map(([, cursor]) => cursor)).size, sockets: sockets.length };
  },
});
