"""Others' servers over the same tables: PostGraphile 5, and mercurius with graphql-jit. They need Node 22."""

POSTGRAPHILE = "PostGraphile 5"
MERCURIUS = "mercurius"
