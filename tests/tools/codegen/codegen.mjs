// graphql-codegen twice, from what the gateway serves to a caller and from the schema as it is printed.
// Given by the environment: URL, TOKEN.
// docs: scalars
const scalars = {
  Base64: 'string', BigInt: 'number', Currency: 'string', Cursor: 'string', DateTime: 'string', Decimal: 'string',
  JSON: 'unknown', URL: 'string',
};
// docs: end
const client = (schema) => ({
  preset: 'client', schema, documents: ['src/**/*.ts'], presetConfig: { fragmentMasking: false },
  config: { scalars, strictScalars: true, enumsAsTypes: true, useTypeImports: true, nonOptionalTypename: false },
});
const everything = { descriptions: true, schemaDescription: true, specifiedByUrl: true, inputValueDeprecation: true };
const served = { [process.env.URL]: { ...everything, headers: { authorization: `Bearer ${process.env.TOKEN}` } } };
const printed = './schema.graphql';

export default {
  generates: {
    'src/gql/': client(served),
    'printed/gql/': client(printed),
    'served.json': { schema: served, plugins: ['introspection'], config: everything },
    'printed.json': { schema: printed, plugins: ['introspection'], config: everything },
  },
};
