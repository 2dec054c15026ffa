// The tabs that a first visit opens. tests/gateway/test_pages.py validates every one against the schema.
import create from './examples/create.graphql';
import events from './examples/events.graphql';
import product from './examples/product.graphql';
import products from './examples/products.graphql';
import search from './examples/search.graphql';

const written = (value) => JSON.stringify(value, null, 2);

export const examples = [
  { query: products },
  { query: search, variables: written({ words: 'red mug' }) },
  { query: product, variables: written({ sku: '21066' }) },
  {
    query: create,
    variables: written({
      input: {
        name: 'Premium Wireless Headphones',
        sku: 'HEADPHONE-001',
        price: { amount: '199.99' },
        categories: ['electronics'],
      },
    }),
  },
  { query: events },
];
