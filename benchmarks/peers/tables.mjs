// The tables behind the types: which columns a selection needs, and how a row of them becomes an object. Only what is
// selected is read, as one would write it by hand for each query.
import pg from "pg";
import { connection } from "./environment.mjs";

const pool = new pg.Pool(connection);
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

const names = new Map();
// Each text is prepared once a connection.
export const query = async (text, values) => {
  if (!names.has(text)) names.set(text, `s${names.size}`);
  return (await pool.query({ name: names.get(text), text, values })).rows;
};

class Money {
  constructor(minorUnits, currency) {
    this.minorUnits = minorUnits;
    this.currency = currency;
  }
  get amount() {
    return (this.minorUnits / 100).toFixed(2);
  }
}

const column = (field) => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const camel = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
const upper = (value) => value && value.toUpperCase();
const object = (value) => value && Object.fromEntries(Object.entries(value).map(([name, member]) => [camel(name), member]));

// `enums`, `money` and `json` are columns that are not handed on as they are; `needs` are the columns that fields which
// are no columns are found by.
const table = (name, { enums = "", money = "", json = "", needs = {}, made = {} }) => ({
  name,
  enums: new Set(enums.split(" ")),
  money: new Set(money.split(" ")),
  json: new Set(json.split(" ")),
  needs,
  made,
  shapes: new Map(),
});

const owned = (...fields) => Object.fromEntries(fields.map((field) => [field, ["id"]]));
const snapshot = (value) => ({
  ...object(value),
  status: upper(value.status),
  paymentStatus: upper(value.payment_status),
  total: new Money(value.total, value.currency),
});

export const tables = {
  Product: table("product", { enums: "status", money: "price", needs: owned("variants", "images", "categories") }),
  Variant: table("product_variant", {
    money: "price compareAtPrice cost",
    needs: { product: ["productId"], image: ["imageId"], inventory: ["id"] },
  }),
  Image: table("product_image", {}),
  Category: table("category", { needs: owned("products") }),
  Customer: table("customer", {
    enums: "status",
    needs: { addresses: ["id", "defaultShippingId", "defaultBillingId"], ...owned("orders", "orderSummary") },
  }),
  Address: table("customer_address", { needs: { defaultShipping: ["id"], defaultBilling: ["id"] } }),
  Order: table("sales_order", {
    enums: "status paymentStatus fulfillmentStatus paymentMethod",
    money: "subtotal discount shipping shippingTax tax total refunded",
    json: "shippingAddress billingAddress",
    needs: { customer: ["customerId"], ...owned("items", "history", "notes") },
  }),
  Item: table("order_item", {
    money: "price discount tax total",
    needs: { product: ["productId"], variant: ["variantId"] },
  }),
  Step: table("order_status_change", { enums: "fromStatus status" }),
  Note: table("order_note", {}),
  Warehouse: table("warehouse", {}),
  Level: table("inventory_level", { needs: { variant: ["variantId"], warehouse: ["warehouseId"] } }),
  Alert: table("inventory_alert", {
    enums: "state",
    needs: { product: ["productId"], variant: ["variantId"], warehouse: ["warehouseId"] },
  }),
  Purchase: table("purchase_order", { enums: "status", needs: { warehouse: ["warehouseId"], ...owned("lines") } }),
  PurchaseLine: table("purchase_order_line", { needs: { product: ["productId"], variant: ["variantId"] } }),
  Webhook: table("webhook", { needs: owned("deliveries") }),
  Delivery: table("webhook_delivery", { enums: "status", made: { attempts: (list) => list.map(object) } }),
  Event: table("event", {
    made: { type: (type) => type.toUpperCase().replace(".", "_"), snapshot },
  }),
};

// How to read these fields of a table: the list of columns, and what makes an object of a row.
export const shape = (of, fields, also = []) => {
  const key = `${fields.join()};${also.join()}`;
  if (!of.shapes.has(key)) of.shapes.set(key, build(of, fields, also));
  return of.shapes.get(key);
};

const build = (of, fields, also) => {
  const read = new Set(also);
  for (const field of fields) (of.needs[field] ?? [field]).forEach((needed) => read.add(needed));
  if ([...read].some((field) => of.money.has(field))) read.add("currency");
  const members = [...read].map((field) => {
    const name = column(field);
    if (of.enums.has(field)) return [field, (row) => upper(row[name])];
    if (of.money.has(field)) return [field, (row) => (row[name] === null ? null : new Money(row[name], row.currency))];
    if (of.json.has(field)) return [field, (row) => object(row[name])];
    if (of.made[field]) return [field, (row) => of.made[field](row[name])];
    return [field, (row) => row[name]];
  });
  const make = (row) => {
    const made = {};
    for (const [field, value] of members) made[field] = value(row);
    return made;
  };
  return { columns: [...read].map((field) => `t.${column(field)}`).join(", "), make };
};
export { Money };
