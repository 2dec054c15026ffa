// GraphiQL with a field for the API key above it. All that it keeps, the key among it, is in sessionStorage and ends with
// the browser tab: GraphiQL's history writes headers down whatever it is told (shouldPersistHeaders).
import { DOC_EXPLORER_PLUGIN, DocExplorerContextProvider } from '@graphiql/plugin-doc-explorer';
import { HISTORY_PLUGIN, HistoryContextProvider } from '@graphiql/plugin-history';
import { GraphiQLProvider, useEditorContext } from '@graphiql/react';
import { setNonce } from 'get-nonce';
import { GraphiQLInterface } from 'graphiql';
import { useEffect, useMemo, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';

import 'graphiql/graphiql.css';
import { examples } from './examples.js';
import { fetcherWith } from './fetching.js';
import './page.css';

const KEY = 'gateway:key';
const PLUGINS = [DOC_EXPLORER_PLUGIN, HISTORY_PLUGIN];

// Dialogs write a style element of their own; the page's policy admits it by this.
setNonce(document.currentScript.nonce);

const headersOf = (key) => JSON.stringify({ Authorization: `Bearer ${key}` }, null, 2);

/** The text of the header editor with the key in it, whatever else stands there; null when it cannot be read. */
function withKey(text, key) {
  try {
    const headers = JSON.parse(text?.trim() || '{}');
    for (const name of Object.keys(headers)) {
      if (name.toLowerCase() === 'authorization') delete headers[name];
    }
    if (key) headers.Authorization = `Bearer ${key}`;
    return Object.keys(headers).length ? JSON.stringify(headers, null, 2) : '';
  } catch {
    return null;
  }
}

/** Writes the key of the field into the header editor of whichever tab is open. */
function HeaderFilling({ apiKey }) {
  const { headerEditor, activeTabIndex } = useEditorContext({ nonNull: true });
  useEffect(() => {
    const filled = headerEditor && withKey(headerEditor.getValue(), apiKey);
    if (typeof filled === 'string' && filled !== headerEditor.getValue()) headerEditor.setValue(filled);
  }, [headerEditor, activeTabIndex, apiKey]);
  return null;
}

function KeyField({ apiKey, onKey }) {
  const [typed, setTyped] = useState(apiKey);
  const submit = (event) => {
    event.preventDefault();
    onKey(typed.trim());
  };
  return (
    <form className="gateway-bar" onSubmit={submit}>
      <strong>Commerce gateway</strong>
      <label htmlFor="gateway-key">API key</label>
      <input
        id="gateway-key" type="password" autoComplete="off" spellCheck={false} placeholder="live_… or test_…"
        value={typed} onChange={(event) => setTyped(event.target.value)}
      />
      <button type="submit">Use this key</button>
      <span role="status">{apiKey ? 'Sent as Authorization, kept until this tab is closed.' : 'Needed to run anything.'}</span>
    </form>
  );
}

function Page() {
  const [apiKey, setKey] = useState(() => sessionStorage.getItem(KEY) ?? '');
  const current = useRef(apiKey);
  const fetcher = useMemo(() => fetcherWith(() => current.current), []);
  const use = (key) => {
    current.current = key;
    if (key) sessionStorage.setItem(KEY, key);
    else sessionStorage.removeItem(KEY);
    setKey(key);
  };
  // Without a key there is no schema to ask for: null keeps GraphiQL from trying. A new key asks again.
  return (
    <GraphiQLProvider
      fetcher={fetcher} schema={apiKey ? undefined : null} shouldPersistHeaders={false}
      storage={sessionStorage} defaultTabs={examples} defaultHeaders={apiKey ? headersOf(apiKey) : undefined}
      plugins={PLUGINS} referencePlugin={DOC_EXPLORER_PLUGIN}
    >
      <HistoryContextProvider>
        <DocExplorerContextProvider>
          <KeyField apiKey={apiKey} onKey={use} />
          <HeaderFilling apiKey={apiKey} />
          <GraphiQLInterface isHeadersEditorEnabled showPersistHeadersSettings={false} />
        </DocExplorerContextProvider>
      </HistoryContextProvider>
    </GraphiQLProvider>
  );
}

createRoot(document.getElementById('page')).render(<Page />);
