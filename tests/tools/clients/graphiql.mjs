// The page at /graphql in Chromium, used as a person would.   usage: CHROMIUM=.. TOKEN=.. [SCREENSHOT=file.png] node graphiql.mjs URL AFTER
import { change, opened } from './browser.mjs';
import { cableTo } from './cable.mjs';
import { URL, report } from './report.mjs';

const gateway = new globalThis.URL(URL);
const cable = await cableTo(gateway.port);
const { page, complaints, close } = await opened();

// What passes between the page and the stream: with which cursor it asks, and what it is sent.
await page.addInitScript(() => {
  const real = window.fetch;
  window.streams = [];
  window.fetch = async (url, options) => {
    const answer = await real(url, options);
    if (!String(url).endsWith('/stream')) return answer;
    const [theirs, ours] = answer.body.tee();
    const stream = { cursor: new Headers(options.headers).get('last-event-id'), text: '' };
    window.streams.push(stream);
    const noted = new WritableStream({ write: (piece) => { stream.text += piece; } });
    ours.pipeThrough(new TextDecoderStream()).pipeTo(noted).catch(() => {});
    return new Response(theirs, answer);
  };
});

const setPrice = (sku, price) => change(sku, { price });
/** The response shown beside the query. */
const shown = () => page.evaluate(() => document.querySelector('.result-window .CodeMirror').CodeMirror.getValue());
const showing = (text) => page.waitForFunction(
  (wanted) => document.querySelector('.result-window .CodeMirror').CodeMirror.getValue().includes(wanted), text,
);
const streams = () => page.evaluate(() => window.streams);
/** Wait until the page has asked `count` times for a stream and the last has begun to flow. */
const flowing = (count) => page.waitForFunction((wanted) => window.streams.length === wanted && window.streams.at(-1).text, count);
const run = () => page.locator('.graphiql-execute-button').click();
const tab = (name) => page.locator('.graphiql-tab', { hasText: name }).first().click();

await report({
  async query() {
    await page.goto(`http://127.0.0.1:${cable.port}/graphql`);
    await page.fill('#gateway-key', process.env.TOKEN);
    await page.click('text=Use this key');
    await run();
    await showing('Coral mug');
    return JSON.parse(await shown()).data.products.totalCount;
  },
  async subscription() {
    await tab('Events');
    await run();
    await flowing(1);
    const before = performance.now();
    await setPrice('MUG-1', 8.25);
    await showing('"8.25"');
    const milliseconds = Math.round(performance.now() - before);
    if (process.env.SCREENSHOT) await page.screenshot({ path: process.env.SCREENSHOT });
    return { milliseconds, event: JSON.parse(await shown()).data.events };
  },
  async cut() {
    cable.cut();
    for (const price of [8.5, 8.75, 9]) await setPrice('MUG-1', price);
    await cable.join();
    await showing('"9.00"');
    await setPrice('MUG-1', 9.25);
    await showing('"9.25"');
    const asked = await streams();
    const events = asked.flatMap(({ text }) => [...text.matchAll(/^data: (.+)$/gm)].map(([, data]) => JSON.parse(data).data.events));
    return { cursors: asked.map(({ cursor }) => cursor), prices: events.map(({ snapshot }) => snapshot.price.amount) };
  },
  async cutBeforeAnyEvent() {
    await run(); // stops it
    const before = (await streams()).length;
    await run();
    await flowing(before + 1);
    cable.cut();
    await setPrice('MUG-2', 3.5);
    await cable.join();
    await showing('"3.50"');
    return JSON.parse(await shown()).data.events.snapshot.name;
  },
  async stopping() {
    await run();
    for (let time = 0; time < 8; time++) { // a browser keeps six connections to a host, and no more
      const before = (await streams()).length;
      await run();
      await flowing(before + 1);
      await run();
    }
    await tab('Products');
    await run();
    await showing('Coral mug');
    return JSON.parse(await shown()).data.products.totalCount;
  },
  async refused() {
    const wrong = `${process.env.TOKEN}x`;
    await tab('Events');
    await page.fill('#gateway-key', wrong);
    await page.click('text=Use this key');
    await page.waitForFunction(
      (key) => [...document.querySelectorAll('.CodeMirror')].some((editor) => editor.CodeMirror.getValue().includes(key)), wrong,
    );
    await run();
    await showing('401');
    return (await shown()).includes('UNAUTHENTICATED');
  },
  complaints: () => complaints,
  end: close,
}).catch(async (error) => {
  console.error(complaints, await streams(), await shown());
  await close();
  throw error;
});
