// The newest events of the log, then those that come, each once: what is listed ends with a cursor, and the stream
// begins after it.

import { RefusedError, follow } from './stream.js';

const LISTED = 50;
const SHOWN = 500; // rows; older ones leave the page

const form = document.getElementById('asked');
const rows = document.getElementById('events');
const state = document.getElementById('state');
const types = document.getElementById('types');
let stopping;

for (const type of types.dataset.types.split(' ')) {
  const box = Object.assign(document.createElement('input'), { type: 'checkbox', name: 'type', value: type });
  const label = document.createElement('label');
  label.append(box, ` ${type}`);
  types.append(label);
}

function say(text, kind = '') {
  state.textContent = text;
  state.className = kind;
}

function cell(text, kind) {
  return Object.assign(document.createElement('td'), { textContent: text, className: kind });
}

/** One row of the table; a click shows the whole event below it. */
function row(event, fresh) {
  const made = Object.assign(document.createElement('tr'), { className: fresh ? 'event fresh' : 'event', tabIndex: 0 });
  const what = cell('', 'what');
  const [area] = event.type.split('.');
  what.append(Object.assign(document.createElement('span'), { textContent: event.type, className: `area ${area}` }));
  made.append(
    cell(new Date(event.created_at).toLocaleString(), 'time'),
    what,
    cell(event.data.object.id ?? event.data.object.product_id ?? '', 'id'),
    cell(event.data.changed_fields.join(', '), 'changed'),
    cell(event.cursor, 'cursor'),
  );
  const toggle = () => {
    if (made.nextSibling?.className === 'whole') {
      made.nextSibling.remove();
      return;
    }
    const whole = Object.assign(document.createElement('tr'), { className: 'whole' });
    const text = Object.assign(document.createElement('pre'), { textContent: JSON.stringify(event, null, 2) });
    const all = Object.assign(document.createElement('td'), { colSpan: 5 });
    all.append(text);
    whole.append(all);
    made.after(whole);
  };
  made.addEventListener('click', toggle);
  made.addEventListener('keydown', ({ key }) => key === 'Enter' && toggle());
  return made;
}

function show(event, fresh) {
  rows.prepend(row(event, fresh));
  while (rows.children.length > SHOWN) rows.lastChild.remove();
  document.getElementById('nothing').hidden = true;
}

/** The last page of the list, oldest first: pages begin with the oldest event. */
async function newest(asked, headers, signal) {
  const page = async (number) => {
    const parameters = new URLSearchParams({ ...asked, limit: LISTED, page: number });
    const response = await fetch(`v2/events?${parameters}`, { headers, signal, credentials: 'omit' });
    const answer = await response.json();
    if (!response.ok) throw new RefusedError(answer.error.message);
    return answer;
  };
  const first = await page(1);
  const last = first.pagination.total_pages;
  if (last < 2) return first.data;
  const [before, end] = await Promise.all([page(last - 1), page(last)]);
  return [...before.data, ...end.data].slice(-LISTED);
}

async function run({ key, object, chosen }, signal) {
  const headers = { Authorization: `Bearer ${key}` };
  const asked = { ...(chosen.length && { types: chosen.join(',') }), ...(object && { object_id: object }) };
  const listed = await newest(asked, headers, signal);
  for (const event of listed) show(event, false);
  const after = listed.length ? { after: listed.at(-1).cursor } : {};
  const told = ({ event, data }) => {
    if (event === 'error') throw new RefusedError(JSON.parse(data).error.message);
    if (data) show(JSON.parse(data), true);
    say('Live.', 'live');
  };
  const parameters = new URLSearchParams({ ...asked, ...after });
  await follow(`v2/events/stream?${parameters}`, { headers, signal, credentials: 'omit' }, told, () =>
    say('Connection lost, reconnecting.', 'failed'),
  );
}

form.addEventListener('submit', async (submitted) => {
  submitted.preventDefault();
  stopping?.abort();
  const stop = new AbortController();
  stopping = stop;
  const given = new FormData(form);
  const wanted = { key: given.get('key').trim(), object: given.get('object').trim(), chosen: given.getAll('type') };
  rows.replaceChildren();
  document.getElementById('nothing').hidden = false;
  say('Connecting…');
  try {
    await run(wanted, stop.signal);
  } catch (error) {
    if (!stop.signal.aborted) say(error.message, 'failed');
  }
});

form.addEventListener('change', ({ target }) => {
  if (stopping && target.name !== 'key') form.requestSubmit();
});
