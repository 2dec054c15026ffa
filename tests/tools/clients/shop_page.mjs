// The shop page of docs/publishable-keys.md, in Chromium, on an origin of its own.   usage: CHROMIUM=.. TOKEN=.. PAGE=url STRANGE=url node shop_page.mjs URL
import { change, opened } from './browser.mjs';
import { report } from './report.mjs';

const { page, complaints, close } = await opened();
const refused = [];
page.on('console', (line) => line.type() === 'error' && refused.push(line.text()));
const listed = () => page.$$eval('#products li', (all) => all.map((item) => item.textContent));
const saying = (text) => page.waitForFunction((wanted) => document.getElementById('state').textContent === wanted, text);

await report({
  async listed() {
    await page.goto(process.env.PAGE);
    await saying('Live.');
    return listed();
  },
  async found() {
    await page.fill('#search', 'coral');
    await page.waitForFunction(() => document.querySelectorAll('#products li').length === 1);
    const found = await listed();
    await page.fill('#search', '');
    await page.waitForFunction(() => document.querySelectorAll('#products li').length > 1);
    return found;
  },
  async live() {
    const id = await change('MUG-1', { price: 8.25 });
    await page.waitForFunction((wanted) => document.querySelector(`#${wanted} b`).textContent.includes('8.25'), id);
    if (process.env.SCREENSHOT) await page.screenshot({ path: process.env.SCREENSHOT });
    return listed();
  },
  complaints: () => [...complaints],
  /** The same page on another origin, which the key does not list. */
  async strange() {
    refused.length = 0;
    await page.goto(process.env.STRANGE);
    await page.waitForTimeout(1000);
    return { listed: await listed(), state: await page.textContent('#state'), refused: refused.join(' ') };
  },
  /** What a thief of the key could try from its own page. */
  async thief() {
    await page.goto(process.env.PAGE);
    await saying('Live.');
    return page.evaluate(async ([gateway, key]) => {
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
      const statuses = {};
      for (const path of ['/v2/products', '/v2/orders', '/v2/customers', '/v2/access/keys', '/v2/inventory/levels']) {
        statuses[path] = (await fetch(gateway + path, { headers })).status;
      }
      const query = async (text) => (await (await fetch(`${gateway}/graphql`, {
        method: 'POST', headers, body: JSON.stringify({ query: text }),
      })).json()).errors[0].extensions.code;
      statuses.query = await query('{ orders { totalCount } }');
      statuses.mutation = await query('mutation { archiveProduct(input: {id: "x"}) { userErrors { code } } }');
      return statuses;
    }, [process.env.GATEWAY, process.env.KEY]);
  },
  end: close,
}).catch(async (error) => {
  console.error(complaints, refused, await listed(), await page.textContent('#state'));
  await close();
  throw error;
});
