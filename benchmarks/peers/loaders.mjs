// mercurius' loaders: one statement for each batch.
import { Money, query, shape, tables } from "./tables.mjs";

const keys = (queries, key) => [...new Set(queries.map(({ obj }) => obj[key]))].filter((each) => each !== null);

// The row that each object points to.
const one = (of, field, key) => async (queries, { selections }) => {
  const { columns, make } = shape(of, selections.get(field), ["id"]);
  const rows = await query(`SELECT ${columns} FROM ${of.name} t WHERE t.id = ANY ($1)`, [keys(queries, key)]);
  const found = new Map(rows.map((row) => [row.id, make(row)]));
  return queries.map(({ obj }) => found.get(obj[key]) ?? null);
};

const grouped = (queries, rows, parent, make) => {
  const children = new Map(queries.map(({ obj }) => [obj.id, []]));
  for (const row of rows) children.get(row[parent]).push(make(row));
  return children;
};

// The rows that point to each object.
const many = (of, field, parent, order, finish = (list) => list) => async (queries, { selections }) => {
  const { columns, make } = shape(of, selections.get(field));
  const text = `SELECT t.${parent}, ${columns} FROM ${of.name} t WHERE t.${parent} = ANY ($1) ORDER BY t.${parent}, ${order}`;
  const children = grouped(queries, await query(text, [keys(queries, "id")]), parent, make);
  return queries.map(({ obj }) => finish(children.get(obj.id), obj));
};

// The first rows of each object: `source` says which, newest first.
const page = (of, field, parent, source) => async (queries, { selections }) => {
  const { columns, make } = shape(of, selections.get(`${field}.nodes`));
  const { first } = queries[0].params;
  const text = `SELECT k.key AS parent, ${columns} FROM unnest($1::text[]) AS k(key), LATERAL (${source}) AS t`;
  const children = grouped(queries, await query(text, [keys(queries, "id"), first + 1]), "parent", make);
  return queries.map(({ obj }) => {
    const nodes = children.get(obj.id);
    return { nodes: nodes.slice(0, first), pageInfo: { hasNextPage: nodes.length > first } };
  });
};

const newest = (from, parent) =>
  `SELECT * FROM ${from} WHERE ${parent} = k.key COLLATE "C" ORDER BY created_at DESC, id DESC LIMIT $2`;
const OF_CATEGORY = `SELECT p.* FROM (SELECT product_id, created_at FROM product_category WHERE category_id = k.key COLLATE "C"
  ORDER BY created_at DESC, product_id DESC LIMIT $2) AS link JOIN product p ON p.id = link.product_id
  ORDER BY link.created_at DESC, link.product_id DESC`;

const categories = async (queries, { selections }) => {
  const { columns, make } = shape(tables.Category, selections.get("categories"));
  const text = `SELECT link.product_id, ${columns} FROM product_category link JOIN category t ON t.id = link.category_id
    WHERE link.product_id = ANY ($1) ORDER BY link.product_id, t.slug`;
  const children = grouped(queries, await query(text, [keys(queries, "id")]), "product_id", make);
  return queries.map(({ obj }) => children.get(obj.id));
};

const inventory = async (queries) => {
  const text = "SELECT variant_id, sum(available) AS total FROM inventory_level WHERE variant_id = ANY ($1) GROUP BY 1";
  const rows = await query(text, [keys(queries, "id")]);
  const totals = new Map(rows.map((row) => [row.variant_id, row.total]));
  return queries.map(({ obj }) => totals.get(obj.id) ?? 0);
};

const orderSummary = async (queries) => {
  const text = `SELECT customer_id, min(currency) AS currency, count(*) AS orders, sum(total)::bigint AS total,
    max(created_at) AS last FROM sales_order WHERE customer_id = ANY ($1) AND status <> 'cancelled' GROUP BY 1`;
  const rows = await query(text, [keys(queries, "id")]);
  const found = new Map(rows.map((row) => [row.customer_id, row]));
  return queries.map(({ obj }) => {
    const row = found.get(obj.id);
    if (!row) return { orderCount: 0, totalSpent: [], averageOrderValue: null, lastOrderAt: null };
    return {
      orderCount: row.orders,
      totalSpent: [new Money(row.total, row.currency)],
      averageOrderValue: new Money(Math.round(row.total / row.orders), row.currency),
      lastOrderAt: row.last,
    };
  });
};

const withDefaults = (addresses, { defaultShippingId, defaultBillingId }) => {
  for (const each of addresses) {
    each.defaultShipping = each.id === defaultShippingId;
    each.defaultBilling = each.id === defaultBillingId;
  }
  return addresses;
};

const { Product, Variant, Image, Customer, Address, Order, Item, Step, Note, Warehouse, Purchase, PurchaseLine } = tables;
export const loaders = {
  Product: {
    variants: many(Variant, "variants", "product_id", "t.position, t.id"),
    images: many(Image, "images", "product_id", "t.position, t.id"),
    categories,
  },
  Variant: { product: one(Product, "product", "productId"), image: one(Image, "image", "imageId"), inventory },
  Category: { products: page(Product, "products", "category_id", OF_CATEGORY) },
  Customer: {
    addresses: many(Address, "addresses", "customer_id", "t.id", withDefaults),
    orders: page(Order, "orders", "customer_id", newest("sales_order", "customer_id")),
    orderSummary,
  },
  Order: {
    customer: one(Customer, "customer", "customerId"),
    items: many(Item, "items", "order_id", "t.position, t.id"),
    history: many(Step, "history", "order_id", "t.created_at, t.id"),
    notes: many(Note, "notes", "order_id", "t.created_at, t.id"),
  },
  Item: { product: one(Product, "product", "productId"), variant: one(Variant, "variant", "variantId") },
  Level: { variant: one(Variant, "variant", "variantId"), warehouse: one(Warehouse, "warehouse", "warehouseId") },
  Alert: { product: one(Product, "product", "productId"), variant: one(Variant, "variant", "variantId"), warehouse: one(Warehouse, "warehouse", "warehouseId") },
  Purchase: { warehouse: one(Warehouse, "warehouse", "warehouseId"), lines: many(PurchaseLine, "lines", "order_id", "t.position") },
  PurchaseLine: { product: one(Product, "product", "productId"), variant: one(Variant, "variant", "variantId") },
  Webhook: { deliveries: page(tables.Delivery, "deliveries", "webhook_id", newest("webhook_delivery", "webhook_id")) },
};
