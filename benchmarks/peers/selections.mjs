// What an operation selects below fields of each name (`orders`, and `orders.nodes` for the nodes of a connection), wherever
// they stand, fragments included. An operation is looked at once; loaders are told by the context.
const known = new WeakMap();

export const selections = (context, info) => {
  if (!known.has(info.operation)) known.set(info.operation, all(info));
  context.selections = known.get(info.operation);
  return context.selections;
};

const all = ({ operation, fragments }) => {
  const found = new Map();
  const visit = (selectionSet, within) => {
    for (const each of selectionSet?.selections ?? []) {
      if (each.kind === "FragmentSpread") visit(fragments[each.name.value].selectionSet, within);
      else if (each.kind === "InlineFragment") visit(each.selectionSet, within);
      else {
        const name = each.name.value;
        if (name !== "__typename") found.set(within, (found.get(within) ?? new Set()).add(name));
        visit(each.selectionSet, name === "nodes" ? `${within}.nodes` : name);
      }
    }
  };
  visit(operation.selectionSet, "");
  return new Map([...found].map(([name, fields]) => [name, [...fields].sort()]));
};
