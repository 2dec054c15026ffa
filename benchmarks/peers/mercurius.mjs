// mercurius with graphql-jit and its own loaders, one SQL statement for each batch.
import Fastify from "fastify";
import mercurius from "mercurius";
import pg from "pg";
import { connection, port } from "./environment.mjs";

const pool = new pg.Pool(connection);
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

const schema = `
  scalar DateTime
  scalar JSON
  scalar BigInt
  enum ProductStatus { ACTIVE DRAFT ARCHIVED }
  enum OrderStatus { PENDING PROCESSING SHIPPED DELIVERED CANCELLED }
  enum PaymentStatus { PENDING PAID FAILED REFUNDED }
  type Money { minorUnits: BigInt! }
  type Variant { id: ID! sku: String! attributes: JSON! price: Money! }
  type Product { id: ID! name: String! sku: String! status: ProductStatus! createdAt: DateTime! price: Money!
    variants: [Variant!]! }
  type Customer { id: ID! email: String! firstName: String lastName: String }
  type Item { id: ID! quantity: Int! price: Money! product: Product variant: Variant }
  type Order { id: ID! status: OrderStatus! paymentStatus: PaymentStatus! createdAt: DateTime! total: Money!
    customer: Customer items: [Item!]! }
  type Products { nodes: [Product!]! }
  type Orders { nodes: [Order!]! }
  type Query { products(first: Int!): Products! orders(first: Int!): Orders! product(id: ID!): Product }
`;

const rows = async (name, text, values) => (await pool.query({ name, text, values })).rows;
const money = (amount) => ({ minorUnits: amount });
const product = (row) => ({ ...row, status: row.status.toUpperCase(), price: money(row.price) });
const priced = (row) => ({ ...row, price: money(row.price) });
const PRODUCT = `id, name, sku, status, created_at AS "createdAt", price`;

const resolvers = {
  Query: {
    products: async (_, { first }) => ({
      nodes: (await rows("products", `SELECT ${PRODUCT} FROM product ORDER BY created_at DESC, id DESC LIMIT $1`, [first])).map(product),
    }),
    orders: async (_, { first }) => ({
      nodes: (
        await rows(
          "orders",
          `SELECT id, upper(status) AS status, upper(payment_status) AS "paymentStatus", created_at AS "createdAt", total,
             customer_id FROM sales_order ORDER BY created_at DESC, id DESC LIMIT $1`,
          [first],
        )
      ).map((row) => ({ ...row, total: money(row.total) })),
    }),
    product: async (_, { id }) => {
      const [row] = await rows("product", `SELECT ${PRODUCT} FROM product WHERE id = $1`, [id]);
      return row && product(row);
    },
  },
};

const one = (name, text, key, made) => async (queries) => {
  const found = new Map((await rows(name, text, [queries.map(({ obj }) => obj[key])])).map((row) => [row.id, made(row)]));
  return queries.map(({ obj }) => found.get(obj[key]) ?? null);
};
const many = (name, text, parent, made) => async (queries) => {
  const children = new Map(queries.map(({ obj }) => [obj.id, []]));
  for (const row of await rows(name, text, [[...children.keys()]])) children.get(row[parent]).push(made(row));
  return queries.map(({ obj }) => children.get(obj.id));
};

const loaders = {
  Product: {
    variants: many(
      "variants",
      "SELECT id, product_id, sku, attributes, price FROM product_variant WHERE product_id = ANY ($1) ORDER BY product_id, position, id",
      "product_id",
      priced,
    ),
  },
  Order: {
    customer: one(
      "customers",
      `SELECT id, email, first_name AS "firstName", last_name AS "lastName" FROM customer WHERE id = ANY ($1)`,
      "customer_id",
      (row) => row,
    ),
    items: many(
      "items",
      `SELECT id, order_id, product_id, variant_id, quantity, price FROM order_item WHERE order_id = ANY ($1)
         ORDER BY order_id, position, id`,
      "order_id",
      priced,
    ),
  },
  Item: {
    product: one("products_by_id", `SELECT ${PRODUCT} FROM product WHERE id = ANY ($1)`, "product_id", product),
    variant: one("variants_by_id", "SELECT id, sku, attributes, price FROM product_variant WHERE id = ANY ($1)", "variant_id", priced),
  },
};

const app = Fastify();
app.register(mercurius, { schema, resolvers, loaders, jit: 1 });
await app.listen({ port, host: "127.0.0.1" });
