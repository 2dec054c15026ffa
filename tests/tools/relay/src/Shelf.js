// What an application written with Relay says; the compiler reads it, and run.mjs runs what it makes of it.
graphql`
  query ShelfQuery($count: Int!, $cursor: String) {
    viewer { scopes }
    ...Shelf_query @arguments(count: $count, cursor: $cursor)
  }
`;

graphql`
  fragment Shelf_query on Query
  @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "String" })
  @refetchable(queryName: "ShelfPaginationQuery") {
    products(first: $count, after: $cursor, sort: { field: NAME }) @connection(key: "Shelf_products") {
      edges { node { id ...Shelf_product } }
    }
  }
`;

graphql`
  fragment Shelf_product on Product @refetchable(queryName: "ShelfProductRefetchQuery") {
    name
    price { amount currency }
    variants { sku product { name } }
  }
`;

graphql`
  query ShelfNodesQuery($ids: [ID!]!) {
    nodes(ids: $ids) { __typename id ... on ProductVariant { sku } ... on Product { ...Shelf_product @alias(as: "shelved") } }
  }
`;

graphql`
  mutation ShelfRenameMutation($input: UpdateProductInput!) {
    updateProduct(input: $input) { product { ...Shelf_product } userErrors { code field } }
  }
`;

graphql`
  subscription ShelfSubscription($after: Cursor) {
    events(after: $after) {
      __typename
      type
      changedFields
      ... on ProductUpdated { product { name } }
    }
  }
`;
