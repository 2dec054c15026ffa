// mercurius with graphql-jit and its own loaders, one SQL statement for each batch.
import Fastify from "fastify";
import mercurius from "mercurius";
import { port } from "./environment.mjs";
import { loaders } from "./loaders.mjs";
import { schema } from "./schema.mjs";
import { selections } from "./selections.mjs";
import { query, shape, tables } from "./tables.mjs";

const NEWEST = "t.created_at DESC, t.id DESC";

// A root list. `conditions` are [column, operator, value], `from` what to read instead of the table alone.
const list = async (of, context, info, first, { conditions = [], order = NEWEST, from = `${of.name} t` } = {}) => {
  const found = selections(context, info);
  const parts = found.get(info.fieldName);
  const { columns, make } = shape(of, found.get(`${info.fieldName}.nodes`));
  const where = conditions.length ? `WHERE ${conditions.map(([text], place) => `${text} ($${place + 1})`).join(" AND ")}` : "";
  const values = conditions.map(([, value]) => value);
  const more = parts.includes("pageInfo") ? 1 : 0;
  const text = `SELECT ${columns} FROM ${from} ${where} ORDER BY ${order} LIMIT $${values.length + 1}`;
  const counted = parts.includes("totalCount")
    ? query(`SELECT count(*) AS count FROM ${from} ${where}`, values).then(([row]) => row.count)
    : undefined;
  const rows = await query(text, [...values, first + more]);
  const pageInfo = { hasNextPage: rows.length > first };
  return { nodes: (rows.length > first ? rows.slice(0, first) : rows).map(make), pageInfo, totalCount: await counted };
};

const one = async (of, context, info, column, value) => {
  const { columns, make } = shape(of, selections(context, info).get(info.fieldName));
  const [row] = await query(`SELECT ${columns} FROM ${of.name} t WHERE t.${column} = $1`, [value]);
  return row && make(row);
};

const stored = (status) => status.toLowerCase();
const [statusOf, stateOf] = ["t.status =", "t.state ="];
const resolvers = {
  Query: {
    product: (_, { id }, context, info) => one(tables.Product, context, info, "id", id),
    products: (_, { first, filter }, context, info) => {
      if (filter?.tags) {
        const from = "product t JOIN product_tag tag ON tag.product_id = t.id";
        const order = "tag.created_at DESC, tag.product_id DESC";
        return list(tables.Product, context, info, first, { conditions: [["tag.tag_key =", filter.tags[0]]], order, from });
      }
      const conditions = (filter?.status ?? []).map((status) => [statusOf, stored(status)]);
      return list(tables.Product, context, info, first, { conditions });
    },
    category: (_, { id, slug }, context, info) =>
      id ? one(tables.Category, context, info, "id", id) : one(tables.Category, context, info, "slug", slug),
    categories: (_, { first }, context, info) => list(tables.Category, context, info, first, { order: "t.name_key, t.id" }),
    customer: (_, { id }, context, info) => one(tables.Customer, context, info, "id", id),
    customers: (_, { first }, context, info) => list(tables.Customer, context, info, first),
    order: (_, { id }, context, info) => one(tables.Order, context, info, "id", id),
    orders: (_, { first, filter }, context, info) => {
      const conditions = (filter?.status ?? []).map((status) => [statusOf, stored(status)]);
      return list(tables.Order, context, info, first, { conditions });
    },
    warehouses: (_, { first }, context, info) => list(tables.Warehouse, context, info, first),
    inventoryLevels: (_, { first, filter }, context, info) => {
      const conditions = [];
      if (filter?.warehouseId) conditions.push(["t.warehouse_id =", filter.warehouseId]);
      if (filter?.below) conditions.push(["t.available <", filter.below]);
      return list(tables.Level, context, info, first, { conditions, order: "t.available, t.id" });
    },
    inventoryAlerts: (_, { first, filter }, context, info) =>
      list(tables.Alert, context, info, first, { conditions: filter.state.map((state) => [stateOf, stored(state)]) }),
    purchaseOrders: (_, { first, filter }, context, info) =>
      list(tables.Purchase, context, info, first, { conditions: filter.status.map((status) => [statusOf, stored(status)]) }),
    webhooks: (_, { first }, context, info) => list(tables.Webhook, context, info, first),
    events: (_, { first, filter }, context, info) => {
      const types = filter.types.map((type) => stored(type).replace("_", "."));
      return list(tables.Event, context, info, first, { conditions: [["t.type = ANY", types]], order: "t.position" });
    },
  },
  Event: {
    resolveType: ({ type }) =>
      type
        .toLowerCase()
        .split("_")
        .map((word) => word[0].toUpperCase() + word.slice(1))
        .join(""),
  },
};

const app = Fastify();
app.register(mercurius, { schema, resolvers, loaders, jit: 1 });
await app.listen({ port, host: "127.0.0.1" });
