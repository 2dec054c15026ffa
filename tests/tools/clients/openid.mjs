// openid-client through every flow of OAuth 2.0, and through each attack that must fail: a line of JSON for each check.
// usage: SETUP='{"public": {"id": ..}, ..}' node openid.mjs ISSUER
import assert from 'node:assert/strict';
import * as oauth from 'openid-client';

const ISSUER = process.argv[2];
const { user, clients } = JSON.parse(process.env.SETUP);
const CALLBACK = 'https://app.example/callback';
const SCOPE = 'products:read orders:read';
const LOOPBACK = { algorithm: 'oauth2', execute: [oauth.allowInsecureRequests] };

/** A browser without script: it keeps cookies, follows no redirect by itself, and fills in forms. */
class Browser {
  cookies = new Map();

  async request(address, options = {}) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...options.headers, cookie };
    const answer = await fetch(new URL(address, ISSUER), { ...options, headers, redirect: 'manual' });
    for (const each of answer.headers.getSetCookie()) {
      const [name, value] = each.split(';')[0].split('=');
      this.cookies.set(name, value);
    }
    return answer;
  }

  async submit(address, fields) {
    const page = await (await this.request(address)).text();
    const csrf = /name="csrf" value="([0-9a-f]{64})"/.exec(page)?.[1];
    assert.ok(csrf, `no form: ${page}`);
    return this.request(address, { method: 'POST', body: new URLSearchParams({ csrf, ...fields }) });
  }
}

const browser = new Browser();
const signedIn = await browser.submit('/account/sign-in', { email: user.email, password: user.password });
assert.equal(signedIn.status, 303);

const AUTHENTICATIONS = { basic: oauth.ClientSecretBasic, post: oauth.ClientSecretPost, none: oauth.None };

/** A client that has discovered the server; `how`: basic, post or none; `secret`: another than its own. */
function discover({ id, secret }, how = secret ? 'basic' : 'none', { issuer = ISSUER } = {}) {
  return oauth.discovery(new URL(issuer), id, undefined, AUTHENTICATIONS[how](secret), LOOPBACK);
}

/** Where a redirect of the authorization endpoint goes, and what the client remembers of its request. */
async function authorize(config, changed = {}, { decision = 'allow', pkce = true } = {}) {
  const verifier = oauth.randomPKCECodeVerifier();
  const state = oauth.randomState();
  const challenge = { code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' };
  const parameters = { redirect_uri: CALLBACK, scope: SCOPE, state, ...(pkce ? challenge : {}), ...changed };
  const address = oauth.buildAuthorizationUrl(config, parameters);
  const shown = await browser.request(address);
  const answer = shown.status === 200 ? await browser.submit(address, { decision }) : shown;
  const location = answer.headers.get('location');
  const checks = { expectedState: state, ...(pkce ? { pkceCodeVerifier: verifier } : {}) };
  return { status: answer.status, location: location && new URL(location), checks };
}

async function signIn(config, changed, options) {
  const { location, checks } = await authorize(config, changed, options);
  return oauth.authorizationCodeGrant(config, location, checks);
}

/** Insist that the server refuses with this error of RFC 6749. */
async function refuses(error, promise, status) {
  const refused = await promise.then((value) => assert.fail(`not refused: ${JSON.stringify(value)}`), (reason) => reason);
  assert.equal(refused.error ?? refused.cause?.[0]?.parameters?.error, error, `${refused.name}: ${refused.message}`);
  if (status) assert.equal(refused.status, status);
}

/** Insist that the client itself refuses, and sends no token request. */
async function clientRefuses(message, config, location, checks) {
  let sent = 0;
  config[oauth.customFetch] = (...request) => (sent++, fetch(...request));
  const refused = await oauth.authorizationCodeGrant(config, location, checks).then(() => assert.fail('accepted'), (reason) => reason);
  assert.match(`${refused.message} ${refused.cause?.message ?? ''}`, message);
  assert.equal(sent, 0);
}

async function statusOf(config, token, path = '/v2/orders') {
  try {
    return (await oauth.fetchProtectedResource(config, token, new URL(path, ISSUER), 'GET')).status;
  } catch (refused) {
    if (refused.code !== 'OAUTH_WWW_AUTHENTICATE_CHALLENGE') throw refused;
    return refused.status;
  }
}

function withParameters(location, changed) {
  const other = new URL(location);
  for (const [name, value] of Object.entries(changed)) {
    if (value === null) other.searchParams.delete(name);
    else other.searchParams.set(name, value);
  }
  return other;
}

const checks = [];
function check(name, run) {
  checks.push([name, run]);
}

// Discovery

check('discovery finds the metadata and its issuer', async () => {
  assert.equal((await discover(clients.public)).serverMetadata().issuer, ISSUER);
});
check('discovery of another issuer is refused', async () => {
  await assert.rejects(discover(clients.public, 'none', { issuer: `${ISSUER}/other` }));
});
check('the metadata names every endpoint beneath the issuer', async () => {
  const about = (await discover(clients.public)).serverMetadata();
  for (const name of ['authorization', 'token', 'revocation', 'introspection']) {
    assert.equal(new URL(about[`${name}_endpoint`]).origin, ISSUER, name);
  }
});
check('the metadata offers S256 alone', async () => {
  const about = (await discover(clients.public)).serverMetadata();
  assert.equal(about.supportsPKCE('S256'), true);
  assert.equal(about.supportsPKCE('plain'), false);
});

// Authorization code, of a public client

check('a public client gets tokens for a code', async () => {
  const tokens = await signIn(await discover(clients.public));
  assert.equal(tokens.token_type, 'bearer');
  assert.equal(tokens.expires_in, 3600);
  assert.equal(tokens.expiresIn() > 3590, true);
  assert.equal(tokens.scope, SCOPE);
  assert.match(tokens.refresh_token, /^live_rt_/);
});
check('an access token opens both surfaces', async () => {
  const config = await discover(clients.public);
  const { access_token } = await signIn(config);
  assert.equal(await statusOf(config, access_token), 200);
  const body = JSON.stringify({ query: '{ viewer { scopes } }' });
  const headers = new Headers({ 'content-type': 'application/json' });
  const answer = await oauth.fetchProtectedResource(config, access_token, new URL('/graphql', ISSUER), 'POST', body, headers);
  assert.deepEqual((await answer.json()).data.viewer.scopes.sort(), SCOPE.split(' ').sort());
});
check('an access token opens nothing beyond its scopes', async () => {
  const config = await discover(clients.public);
  const { access_token } = await signIn(config);
  assert.equal(await statusOf(config, access_token, '/v2/customers'), 403);
});
check('no token response is cached', async () => {
  const config = await discover(clients.public);
  const headers = [];
  config[oauth.customFetch] = async (...request) => {
    const answer = await fetch(...request);
    headers.push(answer.headers.get('cache-control'));
    return answer;
  };
  await signIn(config);
  assert.deepEqual(headers, ['no-store']);
});
check('the redirect has the code, the state and the issuer, by 303', async () => {
  const { status, location, checks } = await authorize(await discover(clients.public));
  assert.equal(status, 303);
  assert.deepEqual([...location.searchParams.keys()].sort(), ['code', 'iss', 'state']);
  assert.equal(location.searchParams.get('iss'), ISSUER);
  assert.equal(location.searchParams.get('state'), checks.expectedState);
});
check('the client refuses another state', async () => {
  const config = await discover(clients.public);
  const { location, checks } = await authorize(config);
  await clientRefuses(/state/, config, withParameters(location, { state: oauth.randomState() }), checks);
});
check('the client refuses a response without state', async () => {
  const config = await discover(clients.public);
  const { location, checks } = await authorize(config);
  await clientRefuses(/state/, config, withParameters(location, { state: null }), checks);
});
check('the client refuses another issuer', async () => {
  const config = await discover(clients.public);
  const { location, checks } = await authorize(config);
  await clientRefuses(/iss/, config, withParameters(location, { iss: 'https://attacker.example' }), checks);
});
check('the client refuses a response without issuer, since the metadata promises one', async () => {
  const config = await discover(clients.public);
  const { location, checks } = await authorize(config);
  await clientRefuses(/iss/, config, withParameters(location, { iss: null }), checks);
});
check('a user who refuses is told to the client with state and issuer', async () => {
  await refuses('access_denied', signIn(await discover(clients.public), {}, { decision: 'deny' }));
});
check('a wrong verifier is refused', async () => {
  const config = await discover(clients.public);
  const { location, checks } = await authorize(config);
  const wrong = { ...checks, pkceCodeVerifier: oauth.randomPKCECodeVerifier() };
  await refuses('invalid_grant', oauth.authorizationCodeGrant(config, location, wrong), 400);
});
check('a missing verifier is refused', async () => {
  const config = await discover(clients.public);
  const { location, checks: { expectedState } } = await authorize(config);
  await refuses('invalid_request', oauth.authorizationCodeGrant(config, location, { expectedState }), 400);
});
check('a code for another redirect URI is refused', async () => {
  const config = await discover(clients.public);
  const { location, checks } = await authorize(config);
  const other = new URL(`https://app.example/other${location.search}`);
  await refuses('invalid_grant', oauth.authorizationCodeGrant(config, other, checks), 400);
});
check('a replayed code is refused', async () => {
  const config = await discover(clients.public);
  const { location, checks } = await authorize(config);
  await oauth.authorizationCodeGrant(config, location, checks);
  await refuses('invalid_grant', oauth.authorizationCodeGrant(config, location, checks), 400);
});
check('a replayed code ends the tokens that it became', async () => {
  const config = await discover(clients.public);
  const { location, checks } = await authorize(config);
  const tokens = await oauth.authorizationCodeGrant(config, location, checks);
  await refuses('invalid_grant', oauth.authorizationCodeGrant(config, location, checks));
  assert.equal(await statusOf(config, tokens.access_token), 401);
  await refuses('invalid_grant', oauth.refreshTokenGrant(config, tokens.refresh_token), 400);
});
check('a code of another client is refused', async () => {
  const { location, checks } = await authorize(await discover(clients.public));
  await refuses('invalid_grant', oauth.authorizationCodeGrant(await discover(clients.narrow), location, checks), 400);
});
check('an invented code is refused', async () => {
  const config = await discover(clients.public);
  const { location, checks } = await authorize(config);
  const invented = withParameters(location, { code: oauth.randomState() });
  await refuses('invalid_grant', oauth.authorizationCodeGrant(config, invented, checks), 400);
});

// What a client may not ask a user for

check('a public client without PKCE is refused before a user is asked', async () => {
  const config = await discover(clients.public);
  const { location, checks } = await authorize(config, {}, { pkce: false, decision: 'never asked' });
  await refuses('invalid_request', oauth.authorizationCodeGrant(config, location, checks));
});
check('the method plain is refused', async () => {
  const config = await discover(clients.public);
  await refuses('invalid_request', signIn(config, { code_challenge_method: 'plain' }));
});
check('another response type is refused', async () => {
  await refuses('unsupported_response_type', signIn(await discover(clients.public), { response_type: 'token' }));
});
check('an unknown scope is refused', async () => {
  await refuses('invalid_scope', signIn(await discover(clients.public), { scope: 'orders:read openid' }));
});
check('a scope that the client does not have is refused', async () => {
  const config = await discover(clients.narrow);
  await refuses('invalid_scope', signIn(config, { scope: SCOPE }));
  assert.equal((await signIn(config, { scope: 'products:read' })).scope, 'products:read');
});
check('another redirect URI is never redirected to', async () => {
  const config = await discover(clients.public);
  for (const redirect_uri of ['https://attacker.example/', `${CALLBACK}/more`, `${CALLBACK}?more=1`, CALLBACK.toUpperCase()]) {
    const { status, location } = await authorize(config, { redirect_uri });
    assert.deepEqual([status, location], [400, null], redirect_uri);
  }
});
check('an unknown client is never redirected to', async () => {
  const { status, location } = await authorize(await discover(clients.unknown));
  assert.deepEqual([status, location], [400, null]);
});

// Refreshing

check('refreshing rotates both tokens, and the new ones work', async () => {
  const config = await discover(clients.public);
  const first = await signIn(config);
  const second = await oauth.refreshTokenGrant(config, first.refresh_token);
  assert.notEqual(second.refresh_token, first.refresh_token);
  assert.notEqual(second.access_token, first.access_token);
  assert.equal(await statusOf(config, second.access_token), 200);
  assert.equal((await oauth.refreshTokenGrant(config, second.refresh_token)).scope, SCOPE);
});
check('a used refresh token is refused', async () => {
  const config = await discover(clients.public);
  const { refresh_token } = await signIn(config);
  await oauth.refreshTokenGrant(config, refresh_token);
  await refuses('invalid_grant', oauth.refreshTokenGrant(config, refresh_token), 400);
});
check('a used refresh token ends the family', async () => {
  const config = await discover(clients.public);
  const { refresh_token } = await signIn(config);
  const next = await oauth.refreshTokenGrant(config, refresh_token);
  await refuses('invalid_grant', oauth.refreshTokenGrant(config, refresh_token));
  assert.equal(await statusOf(config, next.access_token), 401);
  await refuses('invalid_grant', oauth.refreshTokenGrant(config, next.refresh_token), 400);
});
check('refreshing can narrow the scope', async () => {
  const config = await discover(clients.public);
  const { refresh_token } = await signIn(config);
  const narrowed = await oauth.refreshTokenGrant(config, refresh_token, { scope: 'products:read' });
  assert.equal(narrowed.scope, 'products:read');
  assert.equal(await statusOf(config, narrowed.access_token), 403);
});
check('refreshing cannot widen the scope', async () => {
  const config = await discover(clients.public);
  const { refresh_token } = await signIn(config, { scope: 'products:read' });
  await refuses('invalid_scope', oauth.refreshTokenGrant(config, refresh_token, { scope: SCOPE }), 400);
});
check('a refresh token of another client is refused', async () => {
  const { refresh_token } = await signIn(await discover(clients.public));
  await refuses('invalid_grant', oauth.refreshTokenGrant(await discover(clients.narrow), refresh_token), 400);
});

// Confidential clients

for (const how of ['basic', 'post']) {
  check(`a confidential client gets tokens for a code (${how})`, async () => {
    const config = await discover(clients.confidential, how);
    const tokens = await signIn(config);
    assert.equal(await statusOf(config, tokens.access_token), 200);
    assert.equal((await oauth.refreshTokenGrant(config, tokens.refresh_token)).scope, SCOPE);
  });
  check(`a confidential client gets tokens of its own (${how})`, async () => {
    const config = await discover(clients.confidential, how);
    const tokens = await oauth.clientCredentialsGrant(config, { scope: 'products:read' });
    assert.deepEqual([tokens.scope, tokens.refresh_token], ['products:read', undefined]);
    assert.equal(await statusOf(config, tokens.access_token, '/v2/products'), 200);
    assert.equal(await statusOf(config, tokens.access_token), 403);
  });
  check(`a wrong secret is refused (${how})`, async () => {
    const config = await discover({ ...clients.confidential, secret: `${clients.confidential.secret}x` }, how);
    await refuses('invalid_client', oauth.clientCredentialsGrant(config), 401);
  });
}
check('a confidential client without its secret is refused', async () => {
  const { location, checks } = await authorize(await discover(clients.confidential));
  const bare = await discover({ id: clients.confidential.id });
  await refuses('invalid_client', oauth.authorizationCodeGrant(bare, location, checks), 401);
});
check('a confidential client may omit PKCE', async () => {
  assert.equal((await signIn(await discover(clients.confidential), {}, { pkce: false })).scope, SCOPE);
});
check('a challenge of a confidential client is enforced', async () => {
  const config = await discover(clients.confidential);
  const { location, checks } = await authorize(config);
  const wrong = { ...checks, pkceCodeVerifier: oauth.randomPKCECodeVerifier() };
  await refuses('invalid_grant', oauth.authorizationCodeGrant(config, location, wrong), 400);
});
check('a verifier without a challenge is refused', async () => {
  const config = await discover(clients.confidential);
  const { location, checks } = await authorize(config, {}, { pkce: false });
  const injected = { ...checks, pkceCodeVerifier: oauth.randomPKCECodeVerifier() };
  await refuses('invalid_request', oauth.authorizationCodeGrant(config, location, injected), 400);
});
check('a public client gets no tokens of its own', async () => {
  await refuses('invalid_client', oauth.clientCredentialsGrant(await discover(clients.public)), 401);
});
check('an unknown client gets no tokens', async () => {
  await refuses('invalid_client', oauth.clientCredentialsGrant(await discover(clients.unknown, 'basic')), 401);
});
check('tokens of its own are never wider than the client', async () => {
  const config = await discover(clients.reader);
  await refuses('invalid_scope', oauth.clientCredentialsGrant(config, { scope: SCOPE }), 400);
  assert.equal((await oauth.clientCredentialsGrant(config)).scope, 'products:read');
});
check('a repeated parameter is refused', async () => {
  const twice = new URLSearchParams([['scope', 'products:read'], ['scope', 'orders:read']]);
  await refuses('invalid_request', oauth.clientCredentialsGrant(await discover(clients.confidential), twice), 400);
});

// Introspection and revocation

check('introspection describes both tokens', async () => {
  const config = await discover(clients.confidential);
  const tokens = await signIn(config);
  const access = await oauth.tokenIntrospection(config, tokens.access_token);
  assert.deepEqual([access.active, access.client_id, access.sub, access.scope], [true, clients.confidential.id, user.id, SCOPE]);
  assert.equal(access.exp - access.iat, 3600);
  assert.equal((await oauth.tokenIntrospection(config, tokens.refresh_token)).active, true);
});
check('introspection of a token of another client says that it is not active', async () => {
  const { access_token } = await signIn(await discover(clients.public));
  const config = await discover(clients.confidential);
  assert.deepEqual(await oauth.tokenIntrospection(config, access_token), { active: false });
});
check('introspection of an invented token says that it is not active', async () => {
  const config = await discover(clients.confidential);
  assert.deepEqual(await oauth.tokenIntrospection(config, `live_at_${oauth.randomState()}`), { active: false });
});
check('a public client cannot introspect', async () => {
  const config = await discover(clients.public);
  const { access_token } = await signIn(config);
  await refuses('invalid_client', oauth.tokenIntrospection(config, access_token), 401);
});
for (const kind of ['access_token', 'refresh_token']) {
  check(`revoking the ${kind} ends both`, async () => {
    const config = await discover(clients.public);
    const tokens = await signIn(config);
    assert.equal(await statusOf(config, tokens.access_token), 200);
    await oauth.tokenRevocation(config, tokens[kind], { token_type_hint: kind });
    assert.equal(await statusOf(config, tokens.access_token), 401);
    await refuses('invalid_grant', oauth.refreshTokenGrant(config, tokens.refresh_token), 400);
  });
}
check('a revoked token is not active', async () => {
  const config = await discover(clients.confidential, 'post');
  const { access_token, refresh_token } = await signIn(config);
  await oauth.tokenRevocation(config, refresh_token);
  assert.deepEqual(await oauth.tokenIntrospection(config, access_token), { active: false });
});
check('revoking an invented token succeeds', async () => {
  await oauth.tokenRevocation(await discover(clients.public), `live_rt_${oauth.randomState()}`);
});
check('a token of another client is not revoked', async () => {
  const config = await discover(clients.public);
  const { access_token } = await signIn(config);
  await oauth.tokenRevocation(await discover(clients.narrow), access_token).catch(() => {});
  assert.equal(await statusOf(config, access_token), 200);
});

for (const [name, run] of checks) {
  let failure = null;
  await run().catch((reason) => {
    failure = `${reason.stack ?? reason} ${reason.cause ? JSON.stringify(reason.cause) : ''}`;
  });
  console.log(JSON.stringify({ name, failure }));
}
process.exit(0);
