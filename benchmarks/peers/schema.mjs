// What mercurius serves of the gateway's schema: all that Q1 to Q3 and its part of the corpus ask for.
const ADDRESS = `firstName: String lastName: String company: String line1: String! line2: String city: String!
    state: String zip: String country: String! phone: String`;
const pages = (...types) =>
  types
    .map(([name, type]) => `type ${name} { nodes: [${type}!]! totalCount: Int! pageInfo: PageInfo! }`)
    .join("\n");

export const schema = `
  scalar DateTime
  scalar JSON
  scalar BigInt
  enum ProductStatus { ACTIVE DRAFT ARCHIVED }
  enum OrderStatus { PENDING PROCESSING SHIPPED DELIVERED CANCELLED }
  enum PaymentStatus { PENDING PAID FAILED REFUNDED }
  enum FulfillmentStatus { UNFULFILLED PARTIAL FULFILLED }
  enum AlertState { ARMED LOW }
  enum PurchaseOrderStatus { OPEN RECEIVED CANCELLED }
  enum EventType { ORDER_CREATED ORDER_UPDATED ORDER_CANCELLED }
  enum CategorySortField { CREATED_AT NAME }
  enum SortDirection { ASC DESC }
  input ProductFilter { status: [ProductStatus!] tags: [String!] }
  input OrderFilter { status: [OrderStatus!] }
  input InventoryLevelFilter { warehouseId: ID below: Int }
  input InventoryAlertFilter { state: [AlertState!] }
  input PurchaseOrderFilter { status: [PurchaseOrderStatus!] }
  input EventFilter { types: [EventType!] }
  input CategorySort { field: CategorySortField! direction: SortDirection! }
  type PageInfo { hasNextPage: Boolean! }
  type Money { amount: String! currency: String! minorUnits: BigInt! }
  type Image { id: ID! url: String! alt: String position: Int! createdAt: DateTime! }
  type Variant { id: ID! product: Product! sku: String! attributes: JSON! price: Money! compareAtPrice: Money cost: Money
    overridesPrice: Boolean! barcode: String image: Image inventory: Int! createdAt: DateTime! updatedAt: DateTime! }
  type Product { id: ID! name: String! sku: String! description: String! status: ProductStatus! tags: [String!]!
    metadata: JSON! version: Int! createdAt: DateTime! updatedAt: DateTime! price: Money! variants: [Variant!]!
    images: [Image!]! categories: [Category!]! }
  type Category { id: ID! slug: String! name: String! description: String! version: Int! createdAt: DateTime!
    updatedAt: DateTime! products(first: Int!): Products! }
  type Address { id: ID! ${ADDRESS} defaultShipping: Boolean! defaultBilling: Boolean! createdAt: DateTime!
    updatedAt: DateTime! }
  type AddressSnapshot { ${ADDRESS} }
  type OrderSummary { orderCount: Int! totalSpent: [Money!]! averageOrderValue: Money lastOrderAt: DateTime }
  type Customer { id: ID! email: String! firstName: String lastName: String phone: String phoneE164: String
    tags: [String!]! metadata: JSON! acquisitionChannel: String! status: String! archivedAt: DateTime erasedAt: DateTime
    version: Int! createdAt: DateTime! updatedAt: DateTime! addresses: [Address!]! orderSummary: OrderSummary!
    orders(first: Int!): Orders! }
  type Item { id: ID! sku: String! name: String! attributes: JSON! quantity: Int! fulfilled: Int! refunded: Int!
    price: Money! discount: Money! tax: Money! total: Money! product: Product variant: Variant }
  type Step { id: ID! fromStatus: OrderStatus status: OrderStatus! note: String actor: ID! createdAt: DateTime! }
  type Note { id: ID! text: String! actor: ID! createdAt: DateTime! }
  type Order { id: ID! number: String! version: Int! createdAt: DateTime! updatedAt: DateTime! status: OrderStatus!
    paymentStatus: PaymentStatus! fulfillmentStatus: FulfillmentStatus! email: String tags: [String!]! metadata: JSON!
    paymentMethod: String shippingMethod: String subtotal: Money! discount: Money! shipping: Money! shippingTax: Money!
    tax: Money! total: Money! refunded: Money! shippingAddress: AddressSnapshot billingAddress: AddressSnapshot
    cancelReason: String cancelledAt: DateTime customer: Customer items: [Item!]! history: [Step!]! notes: [Note!]! }
  type Warehouse { id: ID! name: String! isDefault: Boolean! active: Boolean! city: String country: String }
  type Level { id: ID! variant: Variant! warehouse: Warehouse! onHand: Int! reserved: Int! available: Int! }
  type Alert { id: ID! product: Product! variant: Variant warehouse: Warehouse threshold: Int! reorderQuantity: Int
    state: AlertState! }
  type PurchaseLine { product: Product variant: Variant quantity: Int! received: Int! }
  type Purchase { id: ID! status: PurchaseOrderStatus! quantity: Int! received: Int! note: String createdAt: DateTime!
    warehouse: Warehouse! lines: [PurchaseLine!]! }
  type Attempt { number: Int! status: Int durationMs: Int! }
  type Delivery { id: ID! type: String! status: String! createdAt: DateTime! deliveredAt: DateTime attempts: [Attempt!]! }
  type Webhook { id: ID! url: String! events: [String!]! active: Boolean! failingSince: DateTime
    deliveries(first: Int!): Deliveries! }
  type ItemSnapshot { sku: String! quantity: Int! }
  type OrderSnapshot { number: String! status: OrderStatus! paymentStatus: PaymentStatus! email: String total: Money!
    tags: [String!]! items: [ItemSnapshot!]! }
  interface Event { id: ID! type: EventType! objectId: ID! createdAt: DateTime! changedFields: [String!]! }
  ${["OrderCreated", "OrderUpdated", "OrderCancelled"]
    .map(
      (name) => `type ${name} implements Event { id: ID! type: EventType! objectId: ID! createdAt: DateTime!
    changedFields: [String!]! snapshot: OrderSnapshot! }`,
    )
    .join("\n")}
  ${pages(
    ["Products", "Product"],
    ["Orders", "Order"],
    ["Categories", "Category"],
    ["Customers", "Customer"],
    ["Warehouses", "Warehouse"],
    ["Levels", "Level"],
    ["Alerts", "Alert"],
    ["Purchases", "Purchase"],
    ["Webhooks", "Webhook"],
    ["Deliveries", "Delivery"],
    ["Events", "Event"],
  )}
  type Query {
    product(id: ID!): Product
    products(filter: ProductFilter, first: Int!): Products!
    category(id: ID, slug: String): Category
    categories(sort: CategorySort, first: Int!): Categories!
    customer(id: ID!): Customer
    customers(first: Int!): Customers!
    order(id: ID!): Order
    orders(filter: OrderFilter, first: Int!): Orders!
    warehouses(first: Int!): Warehouses!
    inventoryLevels(filter: InventoryLevelFilter, first: Int!): Levels!
    inventoryAlerts(filter: InventoryAlertFilter, first: Int!): Alerts!
    purchaseOrders(filter: PurchaseOrderFilter, first: Int!): Purchases!
    webhooks(first: Int!): Webhooks!
    events(filter: EventFilter, first: Int!): Events!
  }
`;
