// An application that uses the types: what is wrong in it is said to be, so that types which say nothing fail too.
import { graphql } from './gql/gql';
import type { CreateMutationVariables, FollowSubscription, ShelfQuery } from './gql/graphql';

export const Shelf = graphql(`
  query Shelf($first: Int!, $status: [ProductStatus!]) {
    products(first: $first, filter: { status: $status }, sort: { field: PRICE, direction: DESC }) {
      nodes { id name status price { amount minorUnits } metadata variants { image { alt } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
export const Create = graphql(`
  mutation Create($input: CreateProductInput!) {
    createProduct(input: $input) { product { id } userErrors { code field } }
  }
`);
export const Follow = graphql(`
  subscription Follow($after: Cursor) {
    events(after: $after) { __typename cursor ... on ProductUpdated { changedFields product { name } } }
  }
`);

export function told(shelf: ShelfQuery): string[] {
  // @ts-expect-error metadata is any JSON: it must be looked at before it is used
  shelf.products.nodes[0]?.metadata.length;
  // @ts-expect-error a decimal number is a text: it cannot be added up as it is
  const wrong: number = shelf.products.nodes[0]?.price.amount ?? 0;
  // @ts-expect-error the picture of a variant may be missing
  shelf.products.nodes[0]?.variants[0]?.image.alt;
  const pence: number = shelf.products.nodes.reduce((sum, { price }) => sum + price.minorUnits, wrong);
  const next: string | null | undefined = shelf.products.pageInfo.endCursor;
  return [String(pence), next ?? '', ...shelf.products.nodes.map(({ status }) => (status === 'ACTIVE' ? '' : status))];
}

export const least: CreateMutationVariables = { input: { name: 'Mug', sku: 'MUG-1', price: { amount: '5.00' } } };
// @ts-expect-error a product needs a SKU
export const tooLittle: CreateMutationVariables = { input: { name: 'Mug', price: { amount: '5.00' } } };
// @ts-expect-error and has no such status
export const unheardOf: CreateMutationVariables = { input: { ...least.input, status: 'SOLD' } };

export function renamed({ events: event }: FollowSubscription): string | undefined {
  return event.__typename === 'ProductUpdated' ? event.product?.name : undefined;
}
